"""One web page that opens offline: the report with interactive charts, and a style for printing.

Every text is escaped, and the page's own policy lets nothing run but its two scripts and nothing call out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from pathlib import Path

from plotly.offline import get_plotlyjs

from recsys_roi.render.markdown import one_line
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.contents.blocks import Block, Cell, Lines, Picture, Section, Table, drawn
from recsys_roi.render.pack.contents.cover import Cover
from recsys_roi.render.pack.contents.report import contents_of
from recsys_roi.render.pack.contents.typography import glued
from recsys_roi.render.pack.paper.plot import fonts_folder
from recsys_roi.render.palette import LIGHT, Tone
from recsys_roi.review.document import Review

HERE = Path(__file__).parent
TONES: tuple[Tone, ...] = ("ok", "watch", "act", "cannot_tell")
WEIGHTS = {400: "IBMPlexSans-Regular.ttf", 600: "IBMPlexSans-SemiBold.ttf"}
IN_SCRIPT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def page_html(review: Review) -> str:
    """The page as a file's text."""
    contents = contents_of(review)
    cover, sections = contents.cover, contents.sections
    body = "\n".join((_cover(cover, review), _contents(sections), *(_section(one) for one in sections)))
    library, own = get_plotlyjs(), _text("page.js")
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in (library, own))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {allowed}",
            "style-src 'unsafe-inline'",
            "font-src data:",
            "img-src data: blob:",
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{_said(cover.headline)}</title>\n<style>{_style()}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<script>{library}</script>\n<script>{own}</script>\n</body>\n</html>\n"
    )


def _said(text: str) -> str:
    """Text on one line, as text."""
    return escape(glued(one_line(text)))


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@lru_cache(maxsize=1)
def _style() -> str:
    """The fonts, the palette as variables, and the page's own rules."""
    faces = (
        f'@font-face{{font-family:"IBM Plex Sans";font-weight:{weight};'
        f"src:url(data:font/ttf;base64,{base64.b64encode((fonts_folder() / name).read_bytes()).decode()})}}"
        for weight, name in WEIGHTS.items()
    )
    plain = ("text", "muted", "background", "surface", "grid", "candidate")
    colours = {name: getattr(LIGHT, name) for name in plain}
    for tone in TONES:
        found = LIGHT.tone(tone)
        colours |= {f"{tone}-text": found.text, f"{tone}-ground": found.ground}
    variables = ";".join(f"--{name}:{colour}" for name, colour in colours.items())
    return f"{''.join(faces)}:root{{{variables}}}\n{_text('page.css')}"


def _cover(cover: Cover, review: Review) -> str:
    preliminary = particulars.preliminary_line(review)
    notices = [_notice(tone, text) for tone, text in cover.notices]
    if preliminary:
        notices.append(_notice("watch", f"{preliminary}."))
    aside = "".join(f"<p>{_said(line)}</p>" for line in cover.captions)
    tiles = "".join(
        f'<div class="tile"><span>{_said(tile.label)}</span><b>{_said(tile.value)}</b>'
        f"{_said(tile.note)}</div>"
        for tile in cover.tiles
    )
    lists = [("Why", cover.why), ("What would change it", cover.changes), ("Waiting", cover.waiting)]
    reasons = "".join(f"<h3>{title}</h3>{_list(lines)}" for title, lines in lists if lines)
    fine = "".join(f'<p class="quiet">{_said(line)}</p>' for line in (cover.scenario, *cover.sources))
    return (
        f"{''.join(notices)}"
        f'<header class="verdict {cover.tone}"><div><h1>{_said(f"{cover.sign} {cover.headline}")}</h1>'
        f"<p>{_said(cover.sentence)}</p></div><aside>{aside}</aside></header>"
        f'<div class="tiles">{tiles}</div>'
        f'<div class="cover"><div class="card">{_picture(cover.picture)}'
        f"<p>{_said(cover.picture_sentence)}</p></div>"
        f'<div class="card">{reasons}</div></div>{fine}'
    )


def _notice(tone: str, text: str) -> str:
    return f'<p class="notice {tone}">{_said(text)}</p>'


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_said(line)}</li>' for line in lines)}</ul>"


def _anchor(title: str) -> str:
    return "-".join(title.lower().split())


def _contents(sections: Iterable[Section]) -> str:
    links = "".join(f'<a href="#{_anchor(one.title)}">{_said(one.title)}</a>' for one in sections)
    return f'<nav aria-label="Contents">{links}</nav>'


def _section(section: Section) -> str:
    blocks = "".join(_block(block) for block in section.blocks)
    return f'<section id="{_anchor(section.title)}"><h2>{_said(section.title)}</h2>{blocks}</section>'


def _block(block: Block) -> str:
    if isinstance(block, Picture):
        return f'<div class="card">{_picture(block)}</div>'
    return _table(block) if isinstance(block, Table) else _lines(block)


def _lines(block: Lines) -> str:
    if block.style == "list":
        return _list(block.lines)
    if block.style == "heading":
        return "".join(f"<h3>{_said(line)}</h3>" for line in block.lines)
    if block.style in ("plain", "quiet"):
        kind = ' class="quiet"' if block.style == "quiet" else ""
        return "".join(f"<p{kind}>{_said(line)}</p>" for line in block.lines)
    return "".join(_notice(block.style, line) for line in block.lines)


def _table(block: Table) -> str:
    sides = [' class="right"' if column.right else "" for column in block.columns]
    whole = sum(column.part for column in block.columns)
    widths = "".join(f'<col style="width:{column.part / whole * 100:.1f}%">' for column in block.columns)
    head = "".join(
        f'<th scope="col"{side}>{_said(column.title)}</th>'
        for column, side in zip(block.columns, sides, strict=True)
    )
    rows = "".join(
        f"<tr>{''.join(_cell(cell, side) for cell, side in zip(row, sides, strict=True))}</tr>"
        for row in block.rows
    )
    head = f"<colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead>"
    return f'<div class="scroll"><table>{head}<tbody>{rows}</tbody></table></div>'


def _cell(cell: Cell, side: str) -> str:
    text = _said(cell.text)
    if cell.tone is not None:
        text = f'<span class="badge {cell.tone}">{text}</span>'
    tag = 'th scope="row"' if cell.strong and not side else "td"
    inner = f"<b>{text}</b>" if cell.strong and side else text
    return f'<{tag} dir="auto"{side}>{inner}</{tag.split(maxsplit=1)[0]}>'


def _picture(picture: Picture) -> str:
    """A chart's figures as data beside its place, and its reading in words."""
    figure = drawn(picture, LIGHT)
    data = figure.to_json().translate(IN_SCRIPT)
    height, alt = figure.layout.height, _said(picture.alt)
    return (
        f'<figure><div class="chart" data-figure="figure-{picture.name}" style="height:{height}px" '
        f'role="img" aria-label="{alt}"></div>'
        f'<script type="application/json" id="figure-{picture.name}">{data}</script>'
        f"<details><summary>This picture in words</summary><p>{alt}</p></details></figure>"
    )
