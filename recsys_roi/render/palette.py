"""The colours, once for charts, pages and exports; contrast was computed against background and surface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["ok", "watch", "act", "cannot_tell"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusColour:
    """Text and the faint ground it is read on, at least 4.5:1."""

    text: str
    ground: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """Colours of one theme as #RRGGBB."""

    name: Literal["light", "dark"]
    background: str
    surface: str
    text: str
    muted: str
    grid: str  # lines only, never text
    control: str  # circle, dashed
    candidate: str  # diamond, solid; also the primary colour
    ok: StatusColour
    watch: StatusColour
    act: StatusColour
    cannot_tell: StatusColour
    categories: tuple[str, ...]

    @property
    def colorway(self) -> tuple[str, ...]:
        """Trace colours in order: the candidate, the control, then the categories."""
        return (self.candidate, self.control, *self.categories)

    def tone(self, tone: Tone) -> StatusColour:
        """The colours of a status tone."""
        tones = {"ok": self.ok, "watch": self.watch, "act": self.act, "cannot_tell": self.cannot_tell}
        return tones[tone]


LIGHT = Palette(
    name="light",
    background="#FFFFFF",
    surface="#F4F6F9",
    text="#0B1220",
    muted="#526071",
    grid="#DDE3EA",
    control="#5B6776",
    candidate="#1F5FBF",
    ok=StatusColour(text="#0B6B50", ground="#E3F4EC"),
    watch=StatusColour(text="#7A5200", ground="#FFF1D6"),
    act=StatusColour(text="#860B1D", ground="#FCE8E8"),
    cannot_tell=StatusColour(text="#4B5563", ground="#ECEFF3"),
    categories=("#994A09", "#065147", "#6C2178", "#9D7C03"),
)

DARK = Palette(
    name="dark",
    background="#10161D",
    surface="#1A222C",
    text="#E8EDF3",
    muted="#A3B0BF",
    grid="#2C3744",
    control="#A9B4C2",
    candidate="#6CA8FF",
    ok=StatusColour(text="#81EFBD", ground="#10301F"),
    watch=StatusColour(text="#F4B539", ground="#37270F"),
    act=StatusColour(text="#FF8A98", ground="#3F1917"),
    cannot_tell=StatusColour(text="#B6C0CC", ground="#27313D"),
    categories=("#D6901C", "#3A9383", "#C340AE", "#FAE13A"),
)


def palette_of(theme: str | None) -> Palette:
    """The palette of a theme name; anything but "dark" is light, as paper is."""
    return DARK if theme == "dark" else LIGHT
