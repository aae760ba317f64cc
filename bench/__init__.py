"""Figures measured on this machine, in one run: `python -m bench [PART] [options]`."""
