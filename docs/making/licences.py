"""The licences of everything that running the product needs, as the installed packages say them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata

from docs.making.tables import plain, table

PRODUCT = "recsys-roi"
SIGN_IN = "extra == 'login'"
LENGTH = 60
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FROM_CLASSIFIER = "License :: "


def needed() -> tuple[str, ...]:
    """The packages that the product and its sign-in need on this system, with what they need, by name."""
    found: set[str] = set()
    left = [PRODUCT, *(one for one in metadata.requires(PRODUCT) or [] if one.endswith(SIGN_IN))]
    while left:
        given = _NAME.match(left.pop())
        name = given.group().lower().replace("_", "-") if given else ""
        if not name or name in found:
            continue
        try:
            wanted = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # for another system than this one
            continue
        found.add(name)
        left += [one for one in wanted if "extra ==" not in one]
    return tuple(sorted(found - {PRODUCT}))


def licence_of(name: str) -> str:
    """What a package says of its licence."""
    about = metadata.metadata(name)
    return next((said for said in _said(about) if said), "not said")


def _said(about: metadata.PackageMetadata) -> Iterator[str]:
    yield about.get("License-Expression") or ""
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith(_FROM_CLASSIFIER)]
    yield ", ".join(line.rpartition(" :: ")[2] for line in classifiers)
    yield (about.get("License") or "").strip().split("\n")[0][:LENGTH]


def licences() -> str:
    """One row a package."""
    return table(("Package", "Licence"), ((plain(name), plain(licence_of(name))) for name in needed()))
