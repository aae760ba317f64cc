"""The command line: `recsys-roi COMMAND`, of which `arguments` has every one.

Exit status: 0 done; 1 the input was read and something in it is wrong; 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from recsys_roi.cli.arguments import parser
from recsys_roi.errors import RIGHTS, RecsysRoiError, lacks_rights
from recsys_roi.render.markdown import one_line

DONE, WRONG_INPUT = 0, 1


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; every error that a person can cause ends as one or two sentences."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except RecsysRoiError as error:
        return _say(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except KeyboardInterrupt:
        return _say("Stopped. A file that was being read was not kept; those before it were.")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        if lacks_rights(error):
            return _say(f"{where}permission denied. {RIGHTS}.")
        return _say(f"{where}{error.strerror or error}.")


def _say(sentence: str) -> int:
    print(f"recsys-roi: {one_line(sentence)}", file=sys.stderr)
    return WRONG_INPUT
