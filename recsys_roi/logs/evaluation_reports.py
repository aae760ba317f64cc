"""Reports of recsys-eval (report.v1): figures to be read beside ours and never used for them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from recsys_roi.errors import LogError
from recsys_roi.personal import mask

ReportKind = Literal["report.v1"]
REPORT: ReportKind = "report.v1"
Mode = Literal["offline", "experiment", "ope", "interleaving", "aa-check"]

BYTES = 16 * 2**20  # of a report; it has a few figures for each variant and segment
_LOOKS = "looks like a report of recsys-eval (report.v1), but"
_NAMED_VERSION = re.compile(r"report\.v([0-9]+)")
_MOST = 200  # figures kept; what a person could still read side by side

_Count = Annotated[int, Field(ge=0, le=2**53)]
_Level = Annotated[float, Field(ge=0)]
_Chance = Annotated[float, Field(ge=0, le=1)]
_Text = Annotated[str, Field(max_length=200)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Given(BaseModel):
    """As recsys-eval writes it; report.v1 allows further keys, of which none is used."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False)


class Variant(_Given):
    """The totals of one arm; its rates are totals over requests."""

    variant: _Name
    exposures: _Count
    clicks: _Count
    conversions: _Count
    revenue: _Level


class Significance(_Given):
    """One test of a variant against the control, by request."""

    metric: _Name
    variant: _Name
    segment: _Text = ""  # empty: over all
    p_value: _Chance


class Interval(_Given):
    """The confidence interval of one figure."""

    lower: float
    upper: float
    level: _Chance

    @model_validator(mode="after")
    def _in_order(self) -> Interval:
        if self.lower > self.upper:
            raise ValueError("lower is above upper")
        return self


class Metric(_Given):
    """One figure of an offline run."""

    name: _Name
    value: float
    ci: Interval | None = None


class EvaluationReport(_Kept):
    """What is kept of a report: its totals by variant and tests, or the figures of an offline run."""

    name: str  # base name of the file, for people
    hash: Annotated[str, Field(pattern="^blake3:[0-9a-f]{64}$")]
    kind: ReportKind = REPORT
    run_id: str
    mode: Mode
    made_at: AwareDatetime  # UTC
    software: str  # the version of recsys-eval
    experiment: str  # empty where the run was of no experiment
    variants: tuple[Variant, ...]
    significance: tuple[Significance, ...]  # over all segments only
    metrics: tuple[Metric, ...]

    @property
    def said(self) -> str:
        """What became of it, for people."""
        of = f" of {mask(self.experiment)}" if self.experiment else ""
        return (
            f"a report of recsys-eval ({self.kind}, {self.mode}{of}), kept to be read beside our figures "
            "on the Lift page; it changes none of them"
        )

    @property
    def noted(self) -> str:
        """What it says, in a table of files."""
        return (
            f"Run {mask(self.run_id)} ({self.mode}) of {self.made_at:%Y-%m-%d %H:%M} UTC, beside our figures."
        )


class _Experiment(_Given):
    experiment_id: _Name
    variants: Annotated[list[Variant], Field(min_length=1, max_length=_MOST)]
    significance: list[Significance] = []


class _Offline(_Given):
    metrics: Annotated[list[Metric], Field(max_length=_MOST)]


class _Report(_Given):
    run_id: _Name
    mode: Mode
    created_at: AwareDatetime
    version: _Text
    schema_version: str | None = None
    summary: dict[str, Any]
    experiment: _Experiment | None = None
    offline: _Offline | None = None


def is_report(keys: Collection[str]) -> bool:
    """Whether an object with these keys is a report of recsys-eval."""
    return {"run_id", "mode", "summary"} <= set(keys)


def read_report(path: Path, name: str, file_hash: str) -> EvaluationReport:
    """The report at `path`; LogError with the field at fault when it does not say what it should."""
    given = _given(path, name)
    if given.mode == "experiment" and given.experiment is None:
        raise LogError(name, f"{_LOOKS} experiment is missing: its mode is experiment. Export it again.")
    found = given.experiment
    tests = () if found is None else tuple(test for test in found.significance if not test.segment)
    variants = () if found is None else tuple(found.variants)
    _refuse_repeats(name, "experiment.variants", [one.variant for one in variants])
    _refuse_repeats(name, "experiment.significance", [(test.metric, test.variant) for test in tests])
    if len(tests) > _MOST:
        raise LogError(name, f"{_LOOKS} experiment.significance has over {_MOST} tests. Export fewer.")
    return EvaluationReport(
        name=name,
        hash=file_hash,
        run_id=given.run_id,
        mode=given.mode,
        made_at=given.created_at.astimezone(UTC),
        software=given.version,
        experiment="" if found is None else found.experiment_id,
        variants=variants,
        significance=tests,
        metrics=() if given.offline is None else tuple(given.offline.metrics),
    )


def _given(path: Path, name: str) -> _Report:
    with path.open("rb") as file:
        text = file.read(BYTES + 1).removeprefix(b"\xef\xbb\xbf")
    if len(text) > BYTES:
        raise LogError(name, f"{_LOOKS} is larger than {BYTES // 2**20} MB. Export it without segments.")
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        why = f" {problem}" if isinstance(problem, _FaultError) else " is not valid JSON"
        raise LogError(name, f"{_LOOKS}{why}. Export it again.") from problem
    for key in ("schema_version", "version"):
        named = _NAMED_VERSION.fullmatch(str(document.get(key, "")))
        if named is not None and named[1] != "1":
            raise LogError(
                name, f"is report.v{named[1]} of recsys-eval. Only report.v1 is read: export that."
            )
    try:
        return _Report.model_validate_json(text)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise LogError(name, f"{_LOOKS} {where} is wrong: {first['msg']}. Export it again.") from problem


class _FaultError(ValueError):
    """What JSON itself lets through."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _FaultError("gives a key of one object twice")
    return found


def _no_number(_: str) -> None:
    raise _FaultError("holds NaN or Infinity, which is no number")


def _refuse_repeats(name: str, where: str, names: Sequence[object]) -> None:
    if len(set(names)) != len(names):
        raise LogError(name, f"{_LOOKS} {where} names one twice. Export it again.")
