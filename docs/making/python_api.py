"""The Python API, from the signatures and docstrings of recsys_roi/api.py."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import recsys_roi
from recsys_roi.errors import RecsysRoiError

WIDTH = 100
SHOWN_OF = {
    "Scenario": ("of", "from_json", "from_pairs", "updated", "to_json", "given", "changed"),
    "Review": ("primary", "check"),
}
"""Of classes that live in other rooms: what a notebook needs of them."""


def names() -> str:
    """Every public name: functions first, then classes, then errors."""
    found = {name: getattr(recsys_roi, name) for name in recsys_roi.__all__ if name != "__version__"}
    functions = {name: one for name, one in found.items() if inspect.isfunction(one)}
    errors = {name: one for name, one in found.items() if _is_error(one)}
    classes = {name: one for name, one in found.items() if name not in functions.keys() | errors.keys()}
    return "\n\n".join(
        (
            "## Functions",
            *(_function(name, function, "###") for name, function in functions.items()),
            "## Classes",
            *(_class(name, one) for name, one in classes.items()),
            "## Errors",
            *(f"### {name}\n\n{_said(one)}" for name, one in errors.items()),
        )
    )


def _is_error(found: Any) -> bool:
    return inspect.isclass(found) and issubclass(found, RecsysRoiError)


def _function(name: str, function: Any, level: str) -> str:
    return f"{level} {name.rpartition('.')[2]}\n\n{_signature(name, function)}\n\n{_said(function)}"


def _signature(name: str, function: Any) -> str:
    """The signature on one line, or an argument a line where that would be too long."""
    found = inspect.signature(function)
    arguments = list(_arguments(one for one in found.parameters.values() if one.name != "self"))
    text = f"{name}({', '.join(arguments)}) -> {found.return_annotation}"
    if len(text) > WIDTH:
        lines = "".join(f"    {argument},\n" for argument in arguments)
        text = f"{name}(\n{lines}) -> {found.return_annotation}"
    return f"```python\n{text}\n```"


def _arguments(found: Iterable[inspect.Parameter]) -> Iterator[str]:
    """Each argument as it is written in the code, where annotations are text."""
    named_only = False
    for one in found:
        if one.kind is one.KEYWORD_ONLY and not named_only:
            yield "*"
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        named_only = named_only or one.kind in {one.KEYWORD_ONLY, one.VAR_POSITIONAL}
        default = "" if one.default is one.empty else f" = {one.default!r}"
        yield f"{stars}{one.name}: {one.annotation}{default}"


def _class(name: str, found: type) -> str:
    return "\n\n".join((f"### {name}", _said(found), *_members(name, found)))


def _members(name: str, found: type) -> Iterator[str]:
    for member in SHOWN_OF.get(name) or [one for one in vars(found) if not one.startswith("_")]:
        value = inspect.getattr_static(found, member)
        if isinstance(value, property):
            yield f"#### {member}\n\n`{name}.{member}`: {_said(value)}"
        elif isinstance(value, classmethod):
            yield _function(f"{name}.{member}", getattr(found, member), "####")
        elif inspect.isfunction(value):
            yield _function(f"{name}.{member}", value, "####")


def _said(found: Any) -> str:
    return inspect.getdoc(found) or ""
