"""Lets these tests import the hand-made reviews of the render room and their own hard cases."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "render"), str(HERE.parent)]
