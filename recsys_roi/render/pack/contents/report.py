"""The report's sections on where the figures come from: scope, checks, settings, sources, definitions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from recsys_roi.numerals import full
from recsys_roi.render import words
from recsys_roi.render.pack.contents import chapters, money_chapters, particulars
from recsys_roi.render.pack.contents.blocks import (
    Cell,
    Column,
    Picture,
    Section,
    Table,
    cells,
    filled,
    heading,
    sentences,
    status_cell,
)
from recsys_roi.render.pack.contents.cover import Cover, cover_of
from recsys_roi.render.pack.contents.definitions import DEFINITIONS
from recsys_roi.review.document import Review, to_json
from recsys_roi.verdict.check import ORDER


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What all files of one review's pack say."""

    cover: Cover
    sections: tuple[Section, ...]

    def picture(self, name: str) -> Picture | None:
        """A chart by its name; None where the review has no such chart."""
        blocks = (block for section in self.sections for block in section.blocks)
        return next((block for block in blocks if isinstance(block, Picture) and block.name == name), None)


def contents_of(review: Review) -> Contents:
    """The contents of a review, made once for all files of a pack."""
    return _contents(to_json(review))


@lru_cache(maxsize=4)
def _contents(review_json: str) -> Contents:
    review = Review.model_validate_json(review_json)
    return Contents(cover=cover_of(review), sections=_sections(review))


def _sections(review: Review) -> tuple[Section, ...]:
    """The whole report after its cover, in the order of the meeting."""
    found = (
        chapters.verdict_section(review),
        chapters.lift_section(review),
        chapters.guardrails_section(review),
        chapters.slices_section(review),
        money_chapters.roi_section(review),
        money_chapters.waiting_section(review),
        chapters.risks_section(review),
        chapters.plan_section(review),
        integrity_section(review),
        inputs_section(review),
        definitions_section(),
    )
    return tuple(section for section in found if section is not None and section.blocks)


def integrity_section(review: Review) -> Section | None:
    """Every check on the logs, failures first, with what to do."""
    return Section(title="Data integrity", blocks=(check_table(review),)) if review.integrity else None


def check_table(review: Review) -> Table:
    """Every check: its status, what was found, what to do."""
    checks = sorted(review.integrity, key=lambda check: ORDER[check.status])
    return Table(
        columns=(
            Column(title="Check", part=1.5),
            Column(title="Status", part=1.25),
            Column(title="Found", part=3),
            Column(title="What to do", part=2),
        ),
        rows=tuple(
            (
                Cell(text=words.check_title(check.id), strong=True),
                status_cell(check.status, words.check_status_word(check.status)),
                *cells(check.detail, check.fix or "-"),
            )
            for check in checks
        ),
    )


def inputs_section(review: Review) -> Section:
    """What was compared, every setting, every file, and what made the review."""
    notes = review.experiment.notes if review.experiment else ()
    software = f"{review.software.name} {review.software.version}"
    return Section(
        title="Method and inputs",
        blocks=filled(
            scope_table(review),
            sentences(*(f"Chosen for you: {note}." for note in notes), style="list"),
            heading("Files") if review.inputs.files else None,
            file_table(review),
            sentences(
                f"Made {review.made_at} by {software} ({review.version}).",
                f"Hash of the review: {particulars.fingerprint(review)}.",
                style="quiet",
            ),
            heading("Settings"),
            sentences(f"{words.changes_sentence(review)}. The settings that were given are marked."),
            setting_table(review),
        ),
    )


def scope_table(review: Review) -> Table:
    """Experiment, surface, window and arms."""
    return Table(
        columns=(Column(title="Scope"), Column(title="", part=3.5)),
        rows=tuple(
            (Cell(text=name, strong=True), Cell(text=text)) for name, text in particulars.scope_rows(review)
        ),
    )


def file_table(review: Review) -> Table:
    """Every file that was read, with its counts and its hash in full."""
    return Table(
        columns=(
            Column(title="File", part=2.2),
            Column(title="Kind", part=1.1),
            *(Column(title=title, right=True, part=0.8) for title in ("Lines", "Accepted", "Rejected")),
            Column(title="Hash", part=2.4),
        ),
        rows=tuple(
            cells(
                file.name,
                file.kind,
                *(full(count) for count in (file.lines, file.accepted, file.rejected)),
                file.hash,
            )
            for file in review.inputs.files
        ),
    )


def setting_table(review: Review) -> Table:
    """Every setting with its value; those that a person gave stand out."""
    return Table(
        columns=(
            Column(title="Setting", part=2),
            Column(title="Name", part=1.7),
            Column(title="Value", part=1.6),
            Column(title="From", part=0.7),
        ),
        rows=tuple(
            tuple(Cell(text=text, strong=origin == "given") for text in (said, name, value, origin))
            for said, name, value, origin in particulars.setting_rows(review)
        ),
    )


def definitions_section() -> Section:
    """What the terms mean."""
    return Section(
        title="Definitions",
        blocks=(
            Table(
                columns=(Column(title="Term"), Column(title="Meaning", part=4)),
                rows=tuple((Cell(text=term, strong=True), Cell(text=text)) for term, text in DEFINITIONS),
            ),
        ),
    )
