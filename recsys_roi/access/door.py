"""The door of the pilots: who is there, which pilots they see, and what they may do in each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recsys_roi.access import rights
from recsys_roi.access.people import Person
from recsys_roi.access.rights import Action
from recsys_roi.access.signing_in import SignIn
from recsys_roi.errors import AccessError, SettingError
from recsys_roi.logs.pilot import pilot_folder, pilot_names
from recsys_roi.record.entries import Role
from recsys_roi.record.members import MemberStore, pilots_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """One person before the pilots of one home folder; with sign-in off, an owner of them all."""

    home: Path
    sign_in: SignIn
    person: Person | None  # None: sign-in is off
    samples: tuple[str, ...] = ()  # pilots that everybody may look at and nobody changes

    def role(self, pilot: str) -> Role | None:
        """The person's role in a pilot; None where they are no member, or there is no such pilot."""
        if self.person is None:
            return "owner"
        if pilot in self.samples:
            return "viewer"
        return MemberStore(self.home, pilot).role_of(self.person.key)

    def visible(self) -> tuple[str, ...]:
        """The pilots that the person may see, by name."""
        names = pilot_names(self.home)
        if self.person is None:
            return names
        mine = {*pilots_of(self.home, self.person.key), *self.samples}
        return tuple(name for name in names if name in mine)

    def may(self, pilot: str, action: Action) -> bool:
        """Whether the person may do this in a pilot."""
        return rights.may(self.role(pilot), action)

    def check(self, pilot: str, action: Action) -> None:
        """AccessError where the person may not do this; a stranger is not told whether it is there."""
        role = self.role(pilot)
        if role is None:
            raise AccessError(not_yours(pilot))
        rights.check(role, action)

    def may_make(self) -> bool:
        """Whether the person may make pilots at all."""
        return self.person is None or self.sign_in.may_make(self.person)

    def check_making(self, name: str) -> str:
        """The name as a new pilot gets it; AccessError where the person may not make it.

        Somebody else's pilot keeps its name, also in other letters and after it was deleted.
        """
        name = pilot_folder(self.home, name).name
        if self.person is None:
            return name
        if not self.may_make():
            raise AccessError(not_yours(name))
        if self._is_taken(name):
            raise AccessError(f"The name {name!r} cannot be used. Choose another one.")
        return name

    def _is_taken(self, name: str) -> bool:
        others = {one.casefold() for one in pilot_names(self.home)}
        members = MemberStore(self.home, name).all()
        return name.casefold() in others or (bool(members) and not self.may(name, "remove"))


def not_yours(pilot: str) -> str:
    """The one answer to whoever asks for a pilot that is not theirs, whether there is one or not."""
    try:
        name = repr(pilot_folder(Path(), pilot).name)
    except SettingError:
        name = "this name"
    return f"No such pilot, or you are not a member of it: {name}."
