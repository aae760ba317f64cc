"""The deck: seven or eight slides with native charts, real text, and the plain sentences as speaker notes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches

from recsys_roi.numerals import full
from recsys_roi.render import words
from recsys_roi.render.markdown import one_line
from recsys_roi.render.pack.contents import chapters, particulars
from recsys_roi.render.pack.contents.blocks import Cell, Table, cells, drawn
from recsys_roi.render.pack.contents.cover import first_of
from recsys_roi.render.pack.contents.report import contents_of
from recsys_roi.render.pack.deck import charts as native
from recsys_roi.render.pack.deck import money_charts
from recsys_roi.render.pack.deck.text import Box, badge, fill, panel, size_that_fits, table, write
from recsys_roi.render.pack.settled import settled
from recsys_roi.render.palette import LIGHT
from recsys_roi.review.document import Review

WIDTH, HEIGHT, EDGE = 13.333, 7.5, 0.5
BODY = Box(left=EDGE, top=1.35, width=WIDTH - 2 * EDGE, height=5.35)
ROWS = 9  # of a table on a slide; the report has all
FLIPS, IN_NOTES = 4, "in the notes"  # lines that would change the verdict
TITLE = 0.4  # inches over a list
LIST_SIZES = (16, 15, 14, 13, 12, 11, 10, 9, 8)
TITLE_ONLY = 5  # layout of the default template


def deck_pptx(review: Review) -> bytes:
    """The deck as a file's bytes."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    deck.core_properties.title = one_line(words.verdict_headline(review))
    deck.core_properties.author = one_line(f"{review.software.name} {review.software.version}")
    makers = (_verdict, _lift, _guardrails, _slices, _cash, _moves, _risks, _method)
    for make in makers:
        make(deck, review)
    held = io.BytesIO()
    deck.save(held)
    return settled(held.getvalue(), review.made_at)


def _slide(deck: Any, review: Review, title: str, notes: Sequence[str | None]) -> Any:
    """A slide with its title, its footline and its notes; preliminary verdicts say so on every one."""
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    preliminary = particulars.preliminary_line(review)
    box = Box(left=EDGE, top=0.35, width=WIDTH - 2 * EDGE - (4.2 if preliminary else 0), height=0.85)
    heading = slide.shapes.title
    heading.left, heading.top, heading.width, heading.height = box.emu
    fill(heading.text_frame, box, [title], sizes=(28, 26, 24, 22, 20, 18, 16), colour=LIGHT.text, bold=True)
    heading.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    heading.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    if preliminary:
        tag = Box(left=WIDTH - EDGE - 4.0, top=0.55, width=4.0, height=0.42)
        badge(slide, tag, preliminary, LIGHT.watch)
    foot = Box(left=EDGE, top=HEIGHT - 0.62, width=WIDTH - 2 * EDGE - 0.8, height=0.45)
    write(slide, foot, [particulars.made_line(review)], sizes=(10, 9, 8), colour=LIGHT.muted)
    number = Box(left=WIDTH - EDGE - 0.7, top=HEIGHT - 0.62, width=0.7, height=0.35)
    write(slide, number, [f"{len(deck.slides)}"], sizes=(10,), colour=LIGHT.muted, align=PP_ALIGN.RIGHT)
    slide.notes_slide.notes_text_frame.text = "\n".join(one_line(text) for text in notes if text)
    return slide


def _verdict(deck: Any, review: Review) -> None:
    cover = contents_of(review).cover
    reasons = [words.reason_sentence(code, review) for code in review.decision.reasons]
    notices = [text for _, text in cover.notices]
    notes = [
        cover.headline,
        cover.sentence,
        *notices,
        *reasons,
        *words.flip_sentences(review),
        *cover.waiting,
    ]
    slide = _slide(deck, review, cover.headline, [*notes, cover.scenario, *cover.sources])
    tone = LIGHT.tone(cover.tone)
    mark = words.status_mark(review.decision.decision or "plan")
    badge(slide, Box(left=EDGE, top=1.42, width=1.9, height=0.5), f"{cover.sign} {mark.word}", tone)
    said = Box(left=EDGE + 2.1, top=1.32, width=BODY.width - 2.1, height=0.72)
    lead = " ".join([*notices, cover.sentence])
    write(slide, said, [lead], sizes=(18, 16, 14, 13, 12, 11, 10), anchor=MSO_ANCHOR.MIDDLE)
    row = Box(left=EDGE, top=2.2, width=BODY.width, height=1.45)
    for tile, box in zip(cover.tiles, row.split(1, 1, 1, 1), strict=True):
        _tile(slide, box, tile)
    left, right = Box(left=EDGE, top=3.85, width=BODY.width, height=2.45).split(1, 1, gap=0.4)
    flips = first_of(words.flip_sentences(review), FLIPS, IN_NOTES)
    change = (*flips, *cover.waiting) or ("Nothing is measured yet that could change.",)
    columns = [(left, "Why", cover.why), (right, "What would change it, and waiting", change)]
    _columns_alike(slide, columns)
    strip = Box(left=EDGE, top=6.34, width=BODY.width, height=0.5)
    argued = particulars.scenario_line(review, short=True)
    write(slide, strip, [argued], sizes=(10, 9, 8, 7), colour=LIGHT.muted)


def _tile(slide: Any, box: Box, tile: words.Tile) -> None:
    panel(slide, box)
    label = Box(left=box.left + 0.1, top=box.top + 0.06, width=box.width - 0.2, height=0.36)
    value = Box(left=label.left, top=box.top + 0.4, width=label.width, height=0.62)
    note = Box(left=label.left, top=box.top + 1.02, width=label.width, height=0.36)
    write(slide, label, [tile.label], sizes=(13, 12, 11, 10, 9), colour=LIGHT.muted)
    write(slide, value, [tile.value], sizes=(28, 26, 24, 22, 20, 18, 16), bold=True)
    write(slide, note, [tile.note], sizes=(13, 12, 11, 10, 9))


def _column(slide: Any, box: Box, title: str, lines: Sequence[str]) -> None:
    """A titled list."""
    _columns_alike(slide, [(box, title, lines)])


def _columns_alike(slide: Any, columns: Sequence[tuple[Box, str, Sequence[str]]]) -> None:
    """Titled lists in one size, the largest at which all of them fit."""
    under = [replace(box, top=box.top + TITLE, height=box.height - TITLE) for box, _, _ in columns]
    size = min(
        size_that_fits([f"• {line}" for line in lines], box, LIST_SIZES)
        for box, (_, _, lines) in zip(under, columns, strict=True)
    )
    for room, (box, title, lines) in zip(under, columns, strict=True):
        write(slide, replace(box, height=TITLE), [title], sizes=(16,), bold=True)
        write(slide, room, lines, sizes=(size,), bullets=True)


def _lift(deck: Any, review: Review) -> None:
    shown = contents_of(review).cover.picture
    primary = review.primary
    said: tuple[str, ...] = (words.picture_sentence(review),)
    if primary is not None:
        found = (
            words.difference_sentence(primary, review.roi.currency),
            words.kpi_sentence(primary, review.roi.currency),
            *words.belief_sentences(primary),
        )
        said = tuple(line for line in (*found, words.fixed_horizon_sentence(primary)) if line)
    title = "Is the lift large enough to pay for itself?"
    slide = _slide(deck, review, title, [shown.alt, *said])
    picture, text = BODY.split(64, 36)
    native.lift_axis_chart(slide, picture, drawn(shown, LIGHT), title)
    _column(slide, text, "What it says", (*said, words.break_even_sentence(review.roi)))


def _guardrails(deck: Any, review: Review) -> None:
    shown = contents_of(review).picture("guardrails")
    if shown is None:
        return
    title = "Is anything getting worse?"
    slide = _slide(deck, review, title, [shown.alt])
    picture, text = BODY.split(55, 45)
    native.lift_axis_chart(slide, picture, drawn(shown, LIGHT), title)
    found = chapters.guardrail_table(review)
    _table(slide, text, _columns(found, (0, 1, 5)), (1.55, 1.05, 2.6))


def _slices(deck: Any, review: Review) -> None:
    shown = contents_of(review).picture("slices")
    if shown is None:
        return
    title = "Does it hold for every group of users?"
    slide = _slide(deck, review, title, [shown.alt])
    native.lift_axis_chart(slide, BODY, drawn(shown, LIGHT), title)


def _cash(deck: Any, review: Review) -> None:
    roi, title = review.roi, "What is it worth, and when does it pay back?"
    said = words.money_sentences(review)
    formula = words.formula_line(review)
    slide = _slide(deck, review, title, [*said, formula, words.cash_alt(roi) if roi.months else None])
    if not roi.months:
        _column(slide, BODY, "Money", said)
        return
    picture, text = BODY.split(60, 40)
    money_charts.cash_chart(slide, picture, roi)
    _column(slide, text, "Money", (*said, *([formula] if formula else [])))


def _moves(deck: Any, review: Review) -> None:
    roi, title = review.roi, "What moves the value, and does waiting pay?"
    waiting = () if review.experiment is None else (words.waiting_line(review),)
    run_time = () if review.experiment is None else (words.run_time_sentence(review),)
    changes = words.flip_sentences(review)
    alt = words.tornado_alt(roi) if roi.tornado else None
    spread = words.npv_alt(roi) if roi.p50 is not None else None
    slide = _slide(deck, review, title, [alt, spread, *waiting, *run_time, *changes])
    said = (*waiting, *run_time, *first_of(changes, FLIPS, IN_NOTES)) or (words.roi_sentence(roi),)
    if not roi.tornado:
        _column(slide, BODY, "Waiting and what would change it", said)
        return
    picture, text = BODY.split(60, 40)
    money_charts.tornado_chart(slide, picture, roi)
    legend = (
        "Solid bars are measured, hatched ones are assumed; each is the value's change from what it is now."
    )
    _column(slide, text, "Waiting and what would change it", (*said, legend))


def _risks(deck: Any, review: Review) -> None:
    if not review.risks:
        return
    urgent = chapters.by_urgency(review.risks)
    notes = [
        f"{words.status_mark(one.status).word}: {one.title}. {one.evidence} {one.mitigation}"
        for one in urgent
    ]
    slide = _slide(deck, review, "What could go wrong?", notes)
    found = _columns(chapters.risk_table(review), (0, 1, 2, 3, 4))
    _table(slide, BODY, found, (1.5, 1.0, 2.2, 3.2, 1.8))


def _method(deck: Any, review: Review) -> None:
    met = {True: "met", False: "not met", None: "cannot tell"}
    criteria = [f"{one.title}: {met[one.met]}. {one.evidence}" for one in review.plan.exit_criteria]
    scope = [f"{name}: {text}" for name, text in particulars.scope_rows(review)]
    files = [
        f"{file.name}: {full(file.accepted)} of {full(file.lines)} lines, {file.hash}"
        for file in review.inputs.files
    ]
    sources = [*particulars.source_lines(review), f"Review: {particulars.fingerprint(review)}"]
    settings = [
        f"{said} ({name}): {value}, {origin}"
        for said, name, value, origin in particulars.setting_rows(review)
    ]
    stated = particulars.record_lines(review)
    notes = [*scope, *files, *sources, *stated, *settings]
    slide = _slide(deck, review, "Where the figures come from", notes)
    left, right = BODY.split(1, 1, gap=0.4)
    compared = (
        *scope,
        particulars.scenario_line(review, short=True),
        *sources[1:],
        *words.waiver_sentences(review),
    )
    _column(slide, left, "Compared", compared)
    phase = f"Phase: {review.plan.phase}." if review.plan.phase else "No phase is known."
    _column(slide, right, "Exit criteria", (phase, *criteria))


def _columns(found: Table, chosen: Sequence[int]) -> Table:
    return Table(
        columns=tuple(found.columns[at] for at in chosen),
        rows=tuple(tuple(row[at] for at in chosen) for row in found.rows),
    )


def _table(slide: Any, box: Box, found: Table, parts: Sequence[float]) -> None:
    """The first rows of a table; how many are left out is said."""
    rows: list[Sequence[Cell]] = list(found.rows)
    if len(rows) > ROWS:
        more = f"And {len(rows) - ROWS + 1} more, in the full report."
        rows = [*rows[: ROWS - 1], cells(more, *("" for _ in found.columns[1:]))]
    table(slide, box, [column.title for column in found.columns], rows, parts)
