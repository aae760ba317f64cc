"""What the running app writes into its log: never the text of an exception, and personal data masked."""

from __future__ import annotations

import json
import logging
import secrets
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from recsys_roi.errors import SettingError
from recsys_roi.personal import mask

VARIABLE = "RECSYS_ROI_LOG"
FORMS = ("text", "json")
FRAMES_KEPT = 8
LENGTH = 2000  # characters of a message
_log = logging.getLogger("recsys_roi.app")


class _Line(logging.LogRecord):
    """A record whose message is masked; of an exception only its type and the places in the code are kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failed = _places(self.exc_info)
        self.exc_info = None

    def getMessage(self) -> str:  # noqa: N802 - the standard library's name
        text = mask(super().getMessage())[:LENGTH]
        return f"{text} [{' < '.join(self.failed)}]" if self.failed else text


class _JsonLine(_Line):
    """The same as one JSON object a line."""

    def getMessage(self) -> str:  # noqa: N802
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(self.created, UTC).isoformat(timespec="milliseconds"),
            "level": self.levelname.lower(),
            "logger": self.name,
            "message": mask(logging.LogRecord.getMessage(self))[:LENGTH],
        }
        if self.failed:
            told["failed"] = self.failed
        return json.dumps(told, ensure_ascii=False)


def log_lines(environment: Mapping[str, str]) -> bool:
    """Sets how this process writes its log; whether it is JSON lines. SettingError for another form."""
    form = environment.get(VARIABLE, "").strip().lower() or "text"
    if form not in FORMS:
        raise SettingError(VARIABLE, f"must be one of {', '.join(FORMS)}", form)
    logging.setLogRecordFactory(_JsonLine if form == "json" else _Line)
    return form == "json"


def log_script_error(problem: Exception) -> str:
    """Notes a fault of ours with a reference that a reader can pass on."""
    reference = secrets.token_hex(4)
    _log.error("A page ended early, reference %s.", reference, exc_info=problem)
    return reference


def _places(found: tuple[type[BaseException], BaseException, TracebackType | None] | Any) -> list[str]:
    """The type of an exception and where it came from, innermost first; never what it says."""
    if not found or found[0] is None:
        return []
    frames = traceback.extract_tb(found[2])[-FRAMES_KEPT:]
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    ]
    return [found[0].__name__, *places]
