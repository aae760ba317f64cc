"""The last result of a function, let go of before the next one is made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class OneKept(Generic[T]):
    """As `lru_cache(maxsize=1)`, but two results are never held at once: they are what takes most room.

    Several threads take turns.
    """

    def __init__(self, make: Callable[..., T]) -> None:
        self._make = make
        self._lock = threading.RLock()
        self._kept: tuple[tuple[Hashable, ...], T] | None = None

    def __call__(self, *key: Hashable) -> T:
        """The result for these arguments."""
        with self._lock:
            if self._kept is None or self._kept[0] != key:
                self._kept = None
                self._kept = (key, self._make(*key))
            return self._kept[1]
