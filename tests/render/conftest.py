"""Lets this room's tests import their hand-made reviews; every chart they draw is held to plotly's rules."""

import sys
from pathlib import Path

import plotly.graph_objects as go
import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _charts_are_valid(monkeypatch):
    """Charts are built unchecked, for speed; what a test has drawn is checked at its end."""
    drawn, plain = [], go.Figure.__init__

    def kept(chart, *args, **kwargs):
        plain(chart, *args, **kwargs)
        drawn.append(chart)

    monkeypatch.setattr(go.Figure, "__init__", kept)
    yield
    monkeypatch.undo()
    for chart in drawn:
        go.Figure(chart.to_dict())
