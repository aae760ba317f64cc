"""How many decimals an amount of a currency has: the minor units of ISO 4217."""

from __future__ import annotations

_WITHOUT = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"),
    *("XAF", "XOF", "XPF"),
)
_WITH_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_WITH_FOUR = ("CLF", "UYW")
_MINOR_UNITS = {
    **dict.fromkeys(_WITHOUT, 0),
    **dict.fromkeys(_WITH_THREE, 3),
    **dict.fromkeys(_WITH_FOUR, 4),
}
MOST = 2  # of most currencies


def minor_units(currency: str) -> int:
    """Decimals of the smallest coin: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _MINOR_UNITS.get(currency, MOST)


def smallest(currency: str) -> float:
    """Half of the smallest coin: what is less would be written as nothing."""
    return float(0.5 * 10.0 ** -minor_units(currency))
