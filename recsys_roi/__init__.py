"""RecSys ROI: from recommender pilot logs to a ship, hold or roll back verdict.

In a notebook: `recsys_roi.open_logs("logs/").review(margin=0.4)`. Every public name is described in
docs/api.md and loaded at its first use, so that the import itself is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recsys_roi.api import (
        InputError,
        Logs,
        RecsysRoiError,
        Review,
        Scenario,
        charts,
        compare,
        export,
        frames,
        ingest,
        open_logs,
        open_pilot,
        open_review,
        pilots,
        plan,
        text,
        validate,
    )

    __version__: str

__all__ = [
    "InputError",
    "Logs",
    "RecsysRoiError",
    "Review",
    "Scenario",
    "__version__",
    "charts",
    "compare",
    "export",
    "frames",
    "ingest",
    "open_logs",
    "open_pilot",
    "open_review",
    "pilots",
    "plan",
    "text",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        found: Any = import_module("importlib.metadata").version("recsys-roi")
    elif name in __all__:
        found = getattr(import_module("recsys_roi.api"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
