"""Where the app's own files are: in the wheel beside the package, in a checkout at its top."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from recsys_roi.errors import RecsysRoiError


@cache
def app_folder() -> Path:
    """The folder that holds app.py, pages/, sample_data/ and .streamlit/."""
    package = Path(__file__).resolve().parent
    for folder in (package / "app", package.parent):
        if (folder / "app.py").is_file() and (folder / "pages").is_dir():
            return folder
    raise RecsysRoiError("This installation lacks app.py and pages/; install recsys-roi again.")
