"""One SVG of several drawings of one chart: the browser shows the one made for the width it has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

ROOT = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100%"'
STRETCH = 1.08  # of its width, up to which a drawing is shown in a wider place


def fitting(
    drawings: Sequence[str], widths: Sequence[float], height: float, *, shared: Iterable[str] = ()
) -> str:
    """The drawings, narrowest first, in one SVG of that height whose width is left open.

    `shared` is what they use by its id.

    Without a width of its own a picture keeps its height in a place of any width, and the media queries see
    that place.
    """
    edges = [round(width * STRETCH) for width in widths[:-1]]
    lows, highs = [0, *edges], [*edges, None]
    places = enumerate(zip(lows, highs, strict=True))
    rules = "".join(_rule(index, low, high) for index, (low, high) in places)
    inner = "".join(_placed(index, drawing, height) for index, drawing in enumerate(drawings))
    style = f"<style>.v{{display:none}}{rules}</style><defs>{''.join(shared)}</defs>"
    return f'{ROOT} height="{height:g}">{style}{inner}</svg>'


def _rule(index: int, low: int, high: int | None) -> str:
    to = "" if high is None else f" and (max-width:{high}px)"
    return f"@media (min-width:{low + 0.02 if low else 0}px){to}{{.v{index}{{display:inline}}}}"


def _placed(index: int, drawing: str, height: float) -> str:
    _, _, rest = drawing.partition("<svg ")
    attributes, _, content = rest.partition(">")
    box = attributes.split('viewBox="')[1].split('"')[0]
    place = f'width="100%" height="{height:g}" viewBox="{box}" preserveAspectRatio="xMidYMin meet"'
    return f'<svg class="v v{index}" {place}>{content}'
