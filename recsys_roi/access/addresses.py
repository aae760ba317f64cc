"""Which addresses lead to this machine only."""

from __future__ import annotations

import ipaddress


def is_loopback(address: str | None) -> bool:
    """Whether a server at this address can be reached from this machine only; none means everywhere."""
    if not address:
        return False
    if address.strip().lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip().strip("[]")).is_loopback
    except ValueError:
        return False
