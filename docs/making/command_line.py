"""The commands, from the parser in recsys_roi/cli/arguments.py.

Its own help text is not copied, since its layout differs between versions of Python.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from docs.making.tables import code, plain, table
from recsys_roi.cli.arguments import parser
from recsys_roi.demo.faults import FAULTS

HEADER = ("Argument", "What it does", "Default")


def commands() -> str:
    """Each command with what it is for and its arguments."""
    whole = parser()
    return "\n\n".join(_command(name, command, said) for name, command, said in _commands(whole))


def faults() -> str:
    """The faults that a demo can plant."""
    rows = ((code(name), plain(fault.what)) for name, fault in sorted(FAULTS.items()))
    return table(("Fault", "What goes wrong"), rows)


def _commands(whole: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            said: Mapping[str, str] = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                yield name, command, said[name]


def _command(name: str, command: argparse.ArgumentParser, said: str) -> str:
    given = [action for action in command._actions if not isinstance(action, argparse._HelpAction)]
    given.sort(key=lambda action: bool(action.option_strings))
    one_of = [group._group_actions for group in command._mutually_exclusive_groups if group.required]
    shown = [actions[0] for actions in one_of if all(action.option_strings for action in actions)]
    parts = [_option(action) if action in shown else _usage(action) for action in given]
    usage = " ".join(["recsys-roi", name, *filter(None, parts)])
    first = f"{said[:1].upper()}{said[1:]}."
    return f"## {name}\n\n{first}\n\n```\n{usage}\n```\n\n{table(HEADER, map(_row, given))}"


def _usage(action: argparse.Action) -> str:
    """How an argument is written; options that may be left out stand in the table only."""
    if not action.option_strings:
        many = f"{_value(action)}..."
        return f"[{many}]" if action.nargs == "*" else many if action.nargs == "+" else _value(action)
    return _option(action) if action.required else ""


def _option(action: argparse.Action) -> str:
    return action.option_strings[0] if action.nargs == 0 else f"{action.option_strings[0]} {_value(action)}"


def _value(action: argparse.Action) -> str:
    if action.choices:
        return "|".join(map(str, action.choices))
    return str(action.metavar or action.dest.upper())


def _row(action: argparse.Action) -> tuple[str, ...]:
    written = _option(action) if action.option_strings else _value(action)
    said = (action.help or "").replace("%%", "%")
    needed = "required" if action.required and action.option_strings else ""
    none = action.default in (None, False, [], argparse.SUPPRESS)
    default = "" if none else code(str(action.default))
    return code(written), plain(said), needed or default
