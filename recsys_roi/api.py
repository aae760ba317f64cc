"""The Python API: logs to a review, and a review to tables, charts, text and files.

It calls what the command line calls, so both give the same figures. Import the names from `recsys_roi`.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, get_args

import pandas as pd
import plotly.graph_objects as go

from recsys_roi.errors import InputError, RecordError, RecsysRoiError, SettingError
from recsys_roi.evidence.declared import declared_settings
from recsys_roi.evidence.folder import is_evidence, keep_evidence, open_evidence
from recsys_roi.evidence.selection import Names, names_of
from recsys_roi.evidence.view import Evidence, View
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.documents import Document
from recsys_roi.logs.finding import logs_in
from recsys_roi.logs.ingest import Validation, ingest_files, validate_files
from recsys_roi.logs.pilot import LogFile, Pilot, home, pilot_folder, pilot_names, temporary_pilot
from recsys_roi.logs.recognise import KindOrAuto
from recsys_roi.logs.rejects import Reject
from recsys_roi.numerals import written_for
from recsys_roi.record.entries import NOTHING_WRITTEN, Record
from recsys_roi.record.log_changes import account_name, note_log_change
from recsys_roi.record.statements import StatementStore
from recsys_roi.render import pack
from recsys_roi.render.pack.contents.blocks import Picture
from recsys_roi.render.pack.contents.report import contents_of
from recsys_roi.render.pack.tables import tables_of
from recsys_roi.render.pack.tidy import HEADER, rows_of
from recsys_roi.render.palette import palette_of
from recsys_roi.render.plain import review_text
from recsys_roi.review import comparing
from recsys_roi.review.agreed_plan import with_plan
from recsys_roi.review.document import Review
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.review.saved import open_saved
from recsys_roi.value.scenario import Scenario
from recsys_roi.whole_file import DOCUMENT_LIMIT, read_small, write_whole

__all__ = [
    "InputError",
    "Logs",
    "RecsysRoiError",
    "Review",
    "Scenario",
    "charts",
    "compare",
    "export",
    "frames",
    "ingest",
    "open_logs",
    "open_pilot",
    "open_review",
    "pilots",
    "plan",
    "text",
    "validate",
]

PathLike = str | Path
Theme = Literal["light", "dark"]
Scale = Literal[1, 2]
Pages = Literal["all", "one"]

VIEWS_KEPT = 16  # counted views of one pilot; a scenario that counts nothing anew costs milliseconds


class Logs:
    """The logs of one pilot: reviewed with as many scenarios as you like, counted once.

    Made by `open_pilot` or `open_logs`. Rows are counted at the first review; a later one reads them again
    only where its scenario selects other arms, surfaces, days or windows.
    """

    def __init__(self, pilot: Pilot, *, kept_in: Path | None, closing: ExitStack) -> None:
        """`kept_in` is the home folder of a pilot that is kept, None for files that are not."""
        self._pilot, self._kept_in = pilot, kept_in
        self._evidence: dict[tuple[str, View], Evidence] = {}
        self._close = weakref.finalize(self, closing.close)

    @property
    def name(self) -> str | None:
        """The name of the pilot; None for files that are not kept."""
        return None if self._kept_in is None else self._pilot.name

    @property
    def files(self) -> tuple[LogFile, ...]:
        """The files with their line counts and hashes, in the order in which they were read."""
        return self._pilot.files

    @property
    def names(self) -> Names:
        """Variants and surfaces by experiment: what `experiment`, `control`, ... can be set to."""
        return names_of(self._pilot)

    def rejects(self) -> pd.DataFrame:
        """A row for each error of each rejected line: file, line, field, reason, value (masked)."""
        columns = list(Reject.__dataclass_fields__)
        return pd.DataFrame(
            [[getattr(reject, column) for column in columns] for reject in self._pilot.rejects()],
            columns=columns,
        )

    def evidence(self, scenario: Scenario | None = None, **settings: Any) -> Evidence:
        """The sums that a review is made from, for the scenario's arms, surface, days and windows."""
        view = view_of(with_plan(_scenario(scenario, settings), NOTHING_WRITTEN, self._declared))
        key = (self._pilot.fingerprint, view)
        if key not in self._evidence:
            found = evidence_of(self._pilot, view)
            while len(self._evidence) >= VIEWS_KEPT:
                self._evidence.pop(next(iter(self._evidence)))
            self._evidence[key] = found
        return self._evidence[key]

    def review(
        self,
        scenario: Scenario | None = None,
        *,
        as_of: datetime | None = None,
        flips: bool = True,
        **settings: Any,
    ) -> Review:
        """Lift, guardrails, money, risks and verdict with a scenario; `settings` go before the scenario's.

        What neither gives is as the locked plan of a kept pilot has it, else as the first declared view of
        an evidence folder, else at its default.

        `as_of` is the review's only clock (now where it is None). `flips=False` leaves out what would change
        the decision, which costs more than the rest together. Raises InputError with a sentence that says
        which setting or name is wrong.
        """
        record = self._record()
        chosen = with_plan(_scenario(scenario, settings), record, self._declared)
        return evaluate(self.evidence(chosen), chosen, record, as_of=_moment(as_of), flips=flips)

    @property
    def _declared(self) -> dict[str, Any]:
        return declared_settings(self._pilot)

    def _record(self) -> Record:
        if self._kept_in is None:
            return NOTHING_WRITTEN
        return StatementStore(self._kept_in, self._pilot.name).record()

    def close(self) -> None:
        """Lets go of files that are not kept; a kept pilot stays. Also done at the end of a `with`."""
        self._close()

    def __enter__(self) -> Logs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        files = ", ".join(file.name for file in self.files)
        return f"<Logs {self.name or 'not kept'}: {files}>"


def pilots(home_folder: PathLike | None = None) -> tuple[str, ...]:
    """The names of the pilots that are kept; `home_folder` as for `open_pilot`."""
    return pilot_names(_home(home_folder))


def open_pilot(name: str, *, home_folder: PathLike | None = None) -> Logs:
    """A pilot that is kept, with what people stated of it.

    `home_folder` is where pilots are kept: RECSYS_ROI_HOME, else .recsys-roi in your own folder. Raises
    InputError with the known names where there is no such pilot.
    """
    kept_in = _home(home_folder)
    return Logs(Pilot.open(kept_in, name), kept_in=kept_in, closing=ExitStack())


def open_logs(*paths: PathLike) -> Logs:
    """Files, folders or patterns, read without keeping anything; or one evidence folder.

    What is no log in a folder is passed over with a warning. Raises InputError where a file cannot be read.
    """
    if len(paths) == 1 and is_evidence(Path(paths[0])):
        return Logs(open_evidence(Path(paths[0])), kept_in=None, closing=ExitStack())
    closing = ExitStack()
    pilot = closing.enter_context(temporary_pilot())
    logs = Logs(pilot, kept_in=None, closing=closing)
    ingest_files(pilot, _found(paths))
    return logs


def ingest(pilot: str, *paths: PathLike, home_folder: PathLike | None = None) -> Logs:
    """Adds files, folders or patterns to a pilot that is kept, made where it is new, and opens it.

    One evidence folder becomes a new pilot that is kept.
    The same file twice counts once. `home_folder` as for `open_pilot`.
    """
    kept_in = _home(home_folder)
    if len(paths) == 1 and is_evidence(Path(paths[0])):
        kept = keep_evidence(Path(paths[0]), pilot_folder(kept_in, pilot))
        _note_added(kept_in, kept, kept.files)
        return open_pilot(pilot, home_folder=kept_in)
    into = Pilot.create_or_open(pilot_folder(kept_in, pilot))
    results = ingest_files(into, _found(paths))
    _note_added(kept_in, into, [result.file for result in results if result.added])
    return open_pilot(pilot, home_folder=kept_in)


def _note_added(kept_in: Path, pilot: Pilot, files: Iterable[LogFile | Document]) -> None:
    """Tells the audit trail, under the name of the account on this machine.

    It was done already, so a trail that cannot be written is a warning, and undoes nothing.
    """
    who, at = account_name("Python"), _moment(None)
    try:
        for file in files:
            note_log_change(
                kept_in,
                pilot.name,
                who=who,
                at=at,
                action="added",
                subject=f"file {file.name}",
                detail={"hash": file.hash},
            )
    except RecordError as problem:
        said = f"It was done, but the audit trail could not be written. {problem}"
        warnings.warn(said, stacklevel=3)


def validate(*paths: PathLike, contract: KindOrAuto = "auto") -> tuple[Validation, ...]:
    """Each file checked against its contract, kept nowhere: counts, and the rejects to iterate over."""
    return validate_files(_found(paths), contract)


def plan(scenario: Scenario | None = None, *, as_of: datetime | None = None, **settings: Any) -> Review:
    """The review of a plan without logs: every figure is assumed and marked so; no decision."""
    return evaluate(None, _scenario(scenario, settings), as_of=_moment(as_of))


def open_review(path: PathLike) -> Review:
    """A review that was exported, as it was: its .json, .decision.json or .zip. Raises InputError."""
    source = Path(path)
    try:
        content = read_small(source, DOCUMENT_LIMIT, pipes=True)
    except OSError as problem:
        raise InputError(f"{source}: cannot be read: {problem.strerror or problem}.") from problem
    return open_saved(content, source.name)


def frames(review: Review) -> dict[str, pd.DataFrame]:
    """Every table of the review by name; the same as in tables/ of the exported .zip.

    Numbers are at full precision, what cannot be measured is missing (pandas.NA). "figures" has every
    figure of the review in tidy form, one a row.
    """
    with written_for(review.locale):
        found = {"figures": _frame(HEADER, (row.cells for row in rows_of(review)))}
        return found | {table.name: _frame(table.header, table.rows) for table in tables_of(review)}


def charts(review: Review, theme: Theme = "light") -> dict[str, go.Figure]:
    """The pictures of the report by name, those that the review has; `theme` is "light" or "dark".

    verdict, lift, path (of the lift, by day), guardrails, slices, cash (by month), spread (of the value),
    tornado (what moves it), map (of two inputs), scenarios (low, middle and high lift).
    """
    _check_one_of("theme", theme, Theme)
    with written_for(review.locale):
        palette, contents = palette_of(theme), contents_of(review)
        blocks = (block for section in contents.sections for block in section.blocks)
        pictures = (contents.cover.picture, *(block for block in blocks if isinstance(block, Picture)))
        return {picture.name: picture.draw(palette) for picture in pictures}


def text(review: Review) -> str:
    """The review in plain sentences, as the command line prints it."""
    return review_text(review)


def export(
    review: Review,
    path: PathLike,
    *,
    theme: Theme = "light",
    scale: Scale = 1,
    pages: Pages = "all",
) -> Path:
    """Writes the review in the format of the file's ending: .pdf, .pptx, .xlsx, .html, .md, .json, ...

    `theme` ("light", "dark") and `scale` (1 is 1920 x 1080, 2 twice that) are of pictures (.png), `pages`
    ("all", "one") is of paper (.pdf). Raises InputError for another ending or another look.
    """
    for name, given, allowed in (("theme", theme, Theme), ("scale", scale, Scale), ("pages", pages, Pages)):
        _check_one_of(name, given, allowed)
    target = Path(path)
    ending = pack.ending_of(target.name)
    if ending is None:
        endings = ", ".join(pack.WRITERS)
        raise InputError(f"{target}: cannot be written in this format. Choose a name that ends in {endings}.")
    look = pack.Look(dark=theme == "dark", scale=scale, pages=pages)
    write_whole(target, pack.write(review, ending, look))
    return target


def compare(reviews: Mapping[str, Review]) -> pd.DataFrame:
    """Up to four reviews side by side: a row for each figure and for each setting that differs."""
    found = comparing.compare(list(reviews.items()))
    rows = (*found.figures, *found.settings)
    index = pd.Index([row.id for row in rows], name="figure")
    return pd.DataFrame(
        [list(row.values) for row in rows], index=index, columns=list(found.names), dtype=object
    )


def _home(given: PathLike | None) -> Path:
    return home() if given is None else Path(given).expanduser().absolute()


def _check_one_of(name: str, given: object, allowed: Any) -> None:
    """SettingError for what is none of the values of a Literal: notebooks check no types."""
    if given not in get_args(allowed):
        raise SettingError(name, f"must be one of {', '.join(map(str, get_args(allowed)))}", given)


def _scenario(scenario: Scenario | None, settings: Mapping[str, Any]) -> Scenario:
    return (Scenario.of({}) if scenario is None else scenario).updated(settings)


def _moment(given: datetime | None) -> datetime:
    if given is None:
        return datetime.now(UTC).replace(microsecond=0)
    if given.utcoffset() is None:
        raise SettingError("as_of", "must be a time with its offset", given.isoformat())
    return given.astimezone(UTC)


def _found(paths: Iterable[PathLike]) -> list[Path]:
    """The logs at the paths; what is no log beside them is said."""
    files: list[Path] = []
    for path in paths:
        found = logs_in(path)
        files += found.files
        for entry in found.passed_over:
            warnings.warn(f"Passed over {entry.file}: {entry.reason}", stacklevel=3)
    if not files:
        raise InputError("No file was given. Name the files or folders of the logs.")
    return files


def _frame(header: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    """A table; in columns of one type what is missing is pandas.NA, not 0 and not NaN among numbers."""
    frame = pd.DataFrame(list(rows), columns=list(header), dtype=object)
    return frame.astype({name: _type_of(frame[name].dropna()) for name in frame.columns})


def _type_of(values: pd.Series[Any]) -> str:
    """The nullable type that holds all values of a column; object where they are of several kinds."""
    kinds = {type(value) for value in values}
    if kinds == {int, float}:
        return "Float64"
    names = {int: "Int64", float: "Float64", str: "string", bool: "boolean"}
    return names.get(kinds.pop(), "object") if len(kinds) == 1 else "object"
