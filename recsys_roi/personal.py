"""What suspected personal data looks like, and how it is hidden where a value is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

CARD_DIGITS = range(13, 20)


def _any(_: str) -> bool:
    return True


def _passes_luhn(text: str) -> bool:
    """ISO/IEC 7812-1 check digit; without it every long number would be taken for a card."""
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return len(digits) in CARD_DIGITS and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _passes_mod_97(text: str) -> bool:
    """ISO 13616 check of an IBAN."""
    moved = re.sub(r"\s", "", text)
    moved = moved[4:] + moved[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalPattern:
    """One kind of personal data: a pattern, and a check that keeps ordinary numbers and ids out."""

    kind: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] = _any


PATTERNS = (
    PersonalPattern(
        kind="e-mail", pattern=re.compile(r"[\w.%+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}")
    ),
    PersonalPattern(
        kind="IBAN",
        pattern=re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        check=_passes_mod_97,
    ),
    PersonalPattern(
        kind="card",
        pattern=re.compile(r"(?<![\w.])[3-6][0-9]{3}(?:[ \-]?[0-9]){9,15}(?![\w.])"),
        check=_passes_luhn,
    ),
    # International (+ or 00), or in the groups 3-3-4: a date or an offset of a timestamp is neither.
    PersonalPattern(
        kind="phone",
        pattern=re.compile(
            r"(?<![\w.:+])(?:(?:\+|00)[1-9](?:[ ./()\-]{0,2}[0-9]){6,14}"
            r"|\(?[0-9]{3}\)?[ .\-][0-9]{3}[ .\-][0-9]{4})(?![\w:])"
        ),
    ),
)


def personal_kinds(text: str) -> tuple[str, ...]:
    """The kinds of personal data that `text` seems to hold, each once; empty where none."""
    return tuple(
        entry.kind
        for entry in PATTERNS
        if any(entry.check(match.group()) for match in entry.pattern.finditer(text))
    )


def mask(text: str) -> str:
    """`text` with every suspected item of personal data replaced by its kind: "[e-mail]"."""
    for entry in PATTERNS:
        text = entry.pattern.sub(partial(_hidden, entry), text)
    return text


def _hidden(entry: PersonalPattern, match: re.Match[str]) -> str:
    return f"[{entry.kind}]" if entry.check(match.group()) else match.group()
