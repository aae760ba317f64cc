"""The synthetic pilot: logs whose truth is known, and faults to plant in them."""

from recsys_roi.demo.faults import FAULTS
from recsys_roi.demo.writing import write_demo

FAULT_NAMES = tuple(sorted(FAULTS))

__all__ = ["FAULT_NAMES", "write_demo"]
