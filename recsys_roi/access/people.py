"""Somebody who is signed in, and how names are told apart."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_roi.errors import AccessError, InputError
from recsys_roi.record import given
from recsys_roi.record.members import person_key


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who is signed in."""

    name: str

    @property
    def key(self) -> str:
        """Equal for the same name in other letters."""
        return person_key(self.name)


def person(name: str) -> Person:
    """A person by the name that was given; AccessError where it can be none."""
    try:
        return Person(name=given.name("The name that you are signed in with", name))
    except InputError as problem:
        raise AccessError(str(problem)) from problem
