"""What a validation found as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from recsys_roi.logs.contracts import MEANINGS
from recsys_roi.logs.ingest import Validation
from recsys_roi.logs.rejects import Reject
from recsys_roi.render.markdown import one_line, without_controls

ANNOTATED = 10  # errors of one file; GitHub shows no more of one step, and files can have millions


def annotated(path: str, found: Validation) -> Iterator[str]:
    """One line for each of the first errors of a file, then how many there are; `path` is as it was given."""
    for reject in islice(found.rejects, ANNOTATED):
        yield command("error", _sentence(reject), file=path, line=reject.line)
    counts = (
        f"{found.kind}: {found.accepted:,} of {found.lines:,} lines accepted, {found.rejected:,} rejected."
    )
    if found.rejected:
        yield command("error", f"{counts} See them all with --rejects OUT.csv.", file=path)
    else:
        yield command("notice", counts, file=path)
    for note in found.notes:
        yield command("notice", note, file=path)


def command(level: str, message: str, **properties: str | int) -> str:
    """A workflow command; what would end it or start another is escaped."""
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{level} {given}::{_data(message)}"


def _sentence(reject: Reject) -> str:
    where = f"{reject.field}: " if reject.field else ""
    value = f" (found {reject.value!r})" if reject.value else ""
    return f"{where}{MEANINGS[reject.reason]}{value}"


def _data(text: str) -> str:
    return one_line(text).replace("%", "%25")


def _property(text: str) -> str:
    for letter, written in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(letter, written)
    return without_controls(text)
