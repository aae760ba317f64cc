"""The workbook for finance: inputs, the money model as live formulas, and every table as numbers."""

from __future__ import annotations

import io
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from recsys_roi.render import words
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.contents.blocks import Cell
from recsys_roi.render.pack.contents.cover import cover_of
from recsys_roi.render.pack.contents.definitions import DEFINITIONS
from recsys_roi.render.pack.paper.plot import measured
from recsys_roi.render.pack.spreadsheet_text import safe_text
from recsys_roi.render.pack.workbook import model as money_model
from recsys_roi.render.pack.workbook import tables
from recsys_roi.render.pack.workbook.tables import Number, Sheet
from recsys_roi.render.palette import LIGHT, Tone
from recsys_roi.review.document import Review

FONT = "Arial"
TONES: tuple[Tone, ...] = ("ok", "watch", "act", "cannot_tell")
FORMATS = {
    "money": "#,##0.00;[Red]-#,##0.00",
    "share": "0.00%;-0.00%",
    "number": "#,##0.######",
    "whole": "#,##0",
    "text": "@",
}
SUMMARY_WIDTHS = (24, 18, 26, 60)
LINE = 13.5  # points that a line of text takes
WIDTH_OF_ZERO = 0.6  # of the font's size: what spreadsheets count widths of columns in
NO_MODEL = "The money model as formulas is left out: this review is of another version of the software."
INPUT_ROW = 4  # first row of the inputs, as spreadsheets count rows


@dataclass(frozen=True, kw_only=True, slots=True)
class _Book:
    """The file being written, with its formats."""

    book: Any
    formats: dict[str, Any]

    def sheet(self, name: str, widths: Sequence[float]) -> Worksheet:
        page: Worksheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        page.hide_gridlines(2)
        page.set_row(0, 26)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_footer("&L&A&R&P / &N")
        return page

    def text(self, page: Worksheet, row: int, column: int, text: str, style: str = "text") -> None:
        """Text as text: never a formula, a link or a number."""
        page.write_string(row, column, safe_text(text), self.formats[style])

    def number(self, page: Worksheet, row: int, column: int, number: Number) -> None:
        if number.value is None:
            self.text(page, row, column, "cannot tell", "muted_right")
        else:
            page.write_number(row, column, number.value, self.formats[number.style])

    def high_enough(self, page: Worksheet, row: int, texts: Iterable[tuple[str, float]]) -> None:
        """Room for the longest text of a row in its column; not every program fits rows by itself."""
        lines = max(
            ceil(measured(safe_text(text), 1.0) / WIDTH_OF_ZERO / (width - 2)) for text, width in texts
        )
        page.set_row(row, LINE * max(1, lines) + 2)

    def header(self, page: Worksheet, row: int, titles: Iterable[str], figures: Container[int] = ()) -> None:
        """Titles of columns; those over `figures` stand to the right as the figures do."""
        for column, title in enumerate(titles):
            self.text(page, row, column, title, "header_right" if column in figures else "header")


def workbook_xlsx(review: Review) -> bytes:
    """The workbook as a file's bytes."""
    held = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(held, options)
    made = datetime.fromisoformat(review.made_at).replace(tzinfo=None)
    book.set_properties({"title": safe_text(words.verdict_headline(review)), "created": made})
    book.set_calc_mode("auto")
    pages = _Book(book=book, formats=_formats(book))
    model = money_model.model_of(review)
    _summary(pages, review, live=model is not None)
    if model is not None:
        _inputs(pages, model)
        _model(pages, model)
    for sheet in tables.sheets(review):
        _table(pages, sheet)
    _definitions(pages)
    book.close()
    return held.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 10, "valign": "top", "font_color": LIGHT.text}
    base = {**plain, "indent": 1, "align": "left"}
    figure = {**base, "align": "right"}
    made = {name: book.add_format({**figure, "num_format": code}) for name, code in FORMATS.items()}
    made["text"] = book.add_format({**base, "num_format": "@", "text_wrap": True})
    for name, code in FORMATS.items():
        ground = {"bg_color": LIGHT.watch.ground, "border": 1, "border_color": LIGHT.grid}
        made[f"input_{name}"] = book.add_format({**figure, **ground, "num_format": code})
        made[f"strong_{name}"] = book.add_format({**figure, "bold": True, "num_format": code})
    made["title"] = book.add_format({**base, "bold": True, "font_size": 16, "num_format": "@"})
    made["strong"] = book.add_format({**base, "bold": True, "num_format": "@", "text_wrap": True})
    made["muted"] = book.add_format({**base, "font_color": LIGHT.muted, "num_format": "@", "text_wrap": True})
    made["muted_right"] = book.add_format({**figure, "font_color": LIGHT.muted, "num_format": "@"})
    header = {"bold": True, "bg_color": LIGHT.surface, "bottom": 1, "num_format": "@", "text_wrap": True}
    made["header"] = book.add_format({**base, **header})
    made["header_right"] = book.add_format({**figure, **header})
    for tone in TONES:
        colours = LIGHT.tone(tone)
        look = {"font_color": colours.text, "bg_color": colours.ground, "bold": True, "num_format": "@"}
        made[f"tone_{tone}"] = book.add_format({**base, **look, "text_wrap": True})
    return made


def _summary(pages: _Book, review: Review, *, live: bool) -> None:
    """The cover as lines; `live` says whether the model's sheets follow."""
    page = pages.sheet("Summary", SUMMARY_WIDTHS)
    cover = cover_of(review)
    pages.text(page, 0, 0, cover.headline, "title")
    row = 1
    for line in (cover.sentence, particulars.preliminary_line(review), *(text for _, text in cover.notices)):
        if line:
            row = _wide_line(pages, page, row, line, "strong" if line != cover.sentence else "text")
    row += 1
    for tile in cover.tiles:
        row = _wide_line(pages, page, row, f"{tile.label}: {tile.value} ({tile.note})", "strong")
    for title, lines in (
        ("Why", [words.reason_sentence(code, review) for code in review.decision.reasons]),
        ("What would change it", words.flip_sentences(review)),
        ("Waiting", cover.waiting),
        ("Money", (*words.money_sentences(review), *(() if live or review.roi.npv is None else (NO_MODEL,)))),
        ("Where the figures come from", (cover.scenario, *cover.sources)),
    ):
        if not lines:
            continue
        pages.text(page, row + 1, 0, title, "strong")
        row += 2
        for line in lines:
            row = _wide_line(pages, page, row, line, "text")


def _wide_line(pages: _Book, page: Worksheet, row: int, line: str, style: str) -> int:
    """A sentence over the width of the page; gives the next row."""
    page.merge_range(row, 0, row, 3, "", pages.formats[style])
    pages.text(page, row, 0, line, style)
    pages.high_enough(page, row, [(line, sum(SUMMARY_WIDTHS))])
    return row + 1


def _inputs(pages: _Book, model: money_model.Model) -> None:
    page = pages.sheet("Inputs", (44, 34, 18, 24, 12))
    currency = model.review.roi.currency
    pages.text(page, 0, 0, f"Inputs of the money model ({currency})", "title")
    pages.text(page, 1, 0, "Change a yellow cell: the sheets Model and Result follow.", "muted")
    pages.header(page, INPUT_ROW - 2, ("Input", "Name", "Value", "Unit", "From"), figures={2})
    row = INPUT_ROW - 1
    for given in money_model.inputs(model):
        pages.text(page, row, 0, given.label)
        pages.text(page, row, 1, given.name, "muted")
        page.write_number(row, 2, given.value, pages.formats[f"input_{given.style}"])
        pages.text(page, row, 3, given.unit, "muted")
        pages.text(page, row, 4, given.basis, "muted")
        pages.book.define_name(given.name, f"=Inputs!$C${row + 1}")
        row += 1
    steps = money_model.ramp(model)
    cells = max(money_model.RAMP_CELLS, len(steps))
    for index in range(cells):
        pages.text(page, row + index, 0, f"Share of traffic served in month {index + 1}")
        pages.text(page, row + index, 1, "ramp" if index == 0 else "", "muted")
        if index < len(steps):
            page.write_number(row + index, 2, steps[index], pages.formats["input_share"])
        else:
            page.write_blank(row + index, 2, None, pages.formats["input_share"])
    pages.text(page, row, 3, "share; the last one given stays", "muted")
    pages.book.define_name("ramp", f"=Inputs!$C${row + 1}:$C${row + cells}")
    page.freeze_panes(INPUT_ROW - 1, 0)


def _model(pages: _Book, model: money_model.Model) -> None:
    _results(pages, model)
    page = pages.sheet("Model", (8, 8, *(17 for _ in money_model.COLUMNS[2:])))
    currency = model.review.roi.currency
    pages.text(page, 0, 0, f"Month by month ({currency}); a month's money comes at its end", "title")
    top = money_model.FIRST_ROW - 2
    pages.header(page, top, (title for title, _ in money_model.COLUMNS), range(len(money_model.COLUMNS)))
    for number in range(1, money_model.MONTHS + 1):
        row = money_model.FIRST_ROW + number - 2
        for column, cell in enumerate(money_model.month_row(model, number)):
            style = pages.formats[money_model.COLUMNS[column][1]]
            if cell.text:
                page.write_formula(row, column, cell.text, style, cell.value)
            else:
                page.write_number(row, column, float(cell.value), style)
    page.freeze_panes(top + 1, 1)


def _results(pages: _Book, model: money_model.Model) -> None:
    page = pages.sheet("Result", (40, 26, 20, 20, 16))
    pages.text(page, 0, 0, f"Result ({model.review.roi.currency})", "title")
    pages.header(page, 2, ("Figure", "Name", "Now", "In the review", "Difference"), {2, 3, 4})
    for row, result in enumerate(money_model.results(model), start=3):
        strong = "strong_" if result.name == "npv" else ""
        style = pages.formats[f"{strong}{result.style}"]
        pages.text(page, row, 0, result.label, "strong" if strong else "text")
        pages.text(page, row, 1, result.name, "muted")
        page.write_formula(row, 2, result.formula.text, style, result.formula.value)
        pages.book.define_name(result.name, f"=Result!$C${row + 1}")
        if result.reviewed is not None:
            page.write_number(row, 3, result.reviewed, style)
            gap = f'=IF(ISNUMBER(C{row + 1}),C{row + 1}-D{row + 1},"")'
            held = result.formula.value
            away = held - result.reviewed if isinstance(held, float) else ""
            page.write_formula(row, 4, gap, pages.formats[result.style], away)
    if model.review.inputs.scenario.get("ranges"):
        said = "Chance and cases were drawn with the ranges of the scenario; they are on the sheet Money."
        pages.text(page, 3 + len(money_model.results(model)) + 1, 0, said, "muted")
    _cash_chart(pages, page, model)


def _cash_chart(pages: _Book, page: Worksheet, model: money_model.Model) -> None:
    first = money_model.FIRST_ROW
    last = first + model.money.horizon_months - 1
    columns = pages.book.add_chart({"type": "column"})
    columns.add_series(
        {
            "name": "Net in the month",
            "categories": f"=Model!$A${first}:$A${last}",
            "values": f"=Model!$J${first}:$J${last}",
            "fill": {"color": LIGHT.control},
            "gap": 60,
        }
    )
    line = pages.book.add_chart({"type": "line"})
    line.add_series(
        {
            "name": "Cumulative",
            "categories": f"=Model!$A${first}:$A${last}",
            "values": f"=Model!$K${first}:$K${last}",
            "line": {"color": LIGHT.candidate, "width": 2.5},
        }
    )
    columns.combine(line)
    columns.set_title({"name": "When does it pay back?", "name_font": {"name": FONT, "size": 12}})
    columns.set_x_axis({"name": "Month after launch", "label_position": "low"})
    columns.set_y_axis({"name": safe_text(model.review.roi.currency), "num_format": "#,##0"})
    columns.set_legend({"position": "bottom"})
    columns.set_size({"width": 760, "height": 340})
    page.insert_chart(20, 0, columns)


def _table(pages: _Book, sheet: Sheet) -> None:
    page = pages.sheet(sheet.name, sheet.widths)
    pages.text(page, 0, 0, sheet.title, "title")
    first = sheet.rows[0] if sheet.rows else ()
    pages.header(page, 2, sheet.header, {at for at, cell in enumerate(first) if isinstance(cell, Number)})
    for row, cells in enumerate(sheet.rows, start=3):
        texts = (cell.text if isinstance(cell, Cell) else "" for cell in cells)
        pages.high_enough(page, row, zip(texts, sheet.widths, strict=True))
        for column, cell in enumerate(cells):
            if isinstance(cell, Number):
                pages.number(page, row, column, cell)
            elif cell.tone is not None:
                pages.text(page, row, column, cell.text, f"tone_{cell.tone}")
            else:
                pages.text(page, row, column, cell.text, "strong" if cell.strong else "text")
    page.freeze_panes(3, 1)
    if sheet.rows:
        page.autofilter(2, 0, 2 + len(sheet.rows), len(sheet.header) - 1)


def _definitions(pages: _Book) -> None:
    page = pages.sheet("Definitions", (28, 120))
    pages.text(page, 0, 0, "Definitions", "title")
    for row, (term, meaning) in enumerate(DEFINITIONS, start=2):
        pages.high_enough(page, row, [(term, 28), (meaning, 120)])
        pages.text(page, row, 0, term, "strong")
        pages.text(page, row, 1, meaning)
