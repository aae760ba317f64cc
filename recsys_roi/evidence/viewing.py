"""Counts to evidence: the sums of one view, read in a moment whatever the length of the logs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from recsys_roi.errors import CountsError, InputError
from recsys_roi.evidence.columns import EPOCH, Events, Requests, Windows, epoch_us
from recsys_roi.evidence.counting import Counts, OnStep, counted, discard
from recsys_roi.evidence.covariates import find_covariate
from recsys_roi.evidence.declared import declared_evidence
from recsys_roi.evidence.documents import artifact_of, reported_of
from recsys_roi.evidence.drift import read_drift
from recsys_roi.evidence.drift_facts import Artifact
from recsys_roi.evidence.fact_reading import read_facts
from recsys_roi.evidence.facts import Attribution, Facts
from recsys_roi.evidence.foreign import look_at
from recsys_roi.evidence.grouping import Groups
from recsys_roi.evidence.items import count_items
from recsys_roi.evidence.kept import OneKept
from recsys_roi.evidence.kept_views import declared_of
from recsys_roi.evidence.kpi_evidence import Counted, count_kpis, count_users
from recsys_roi.evidence.rates import count_latency, count_rates
from recsys_roi.evidence.reading import CountsReader, Logged, Span, compared, open_counts, read_span
from recsys_roi.evidence.selection import Selection, select
from recsys_roi.evidence.slices import count_slices
from recsys_roi.evidence.totals import count_returns
from recsys_roi.evidence.view import MOST_DAYS, CountedFile, Evidence, Pair, View
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.snapshot import Snapshot


def evidence_of(pilot: Pilot, view: View, on_step: OnStep | None = None) -> Evidence:
    """The evidence of one view of a pilot; counts the pilot's rows first when its files are new.

    Raises NotCountedError where the pilot holds declared views only and this is none of them.
    """
    asked = pilot.snapshot()
    look_at(asked)
    if (declared := declared_of(asked)) is not None:
        return declared_evidence(asked, declared, view)
    counts, held = counted(pilot, on_step)
    try:
        return _of_counts(counts, held, view)
    except CountsError:
        if held.manifest.counted is not None:  # there are no rows to count anew
            raise
        discard(counts)
    return _of_counts(*counted(pilot, on_step), view)


def _of_counts(counts: Counts, held: Snapshot, view: View) -> Evidence:
    files = tuple(
        CountedFile(
            name=file.name,
            hash=file.hash,
            kind=file.kind,
            lines=file.lines,
            accepted=file.accepted,
            rejected=file.rejected,
            extended=file.extended,
            null_for_absent=file.null_for_absent,
        )
        for file in held.files
    )
    artifacts = tuple(map(artifact_of, held.manifest.manifests))
    found = read_view(counts, view, files=files, fingerprint=held.fingerprint, artifacts=artifacts)
    found = replace(found, evaluations=tuple(map(reported_of, held.manifest.evaluations)))
    counted_by = held.manifest.counted
    return found if counted_by is None else replace(found, rows_deleted=counted_by.rows_deleted)


@np.errstate(over="ignore", invalid="ignore")  # sums of absurd values are not finite, and the review says so
def read_view(
    counts: Counts,
    view: View,
    *,
    files: tuple[CountedFile, ...],
    fingerprint: str,
    artifacts: tuple[Artifact, ...] = (),
) -> Evidence:
    """Reads one view from counts; what was counted last is kept, so that other slices of it are quick."""
    reader = open_counts(counts)
    with reader.cursor() as cursor:
        selection = select(cursor, view)
    whole = _count_whole(reader, replace(view, slice_keys=None), selection)
    slices, slice_keys = count_slices(reader, view, selection, whole.counted)
    return replace(
        whole.evidence,
        files=files,
        fingerprint=fingerprint,
        slices=slices,
        slice_keys=slice_keys,
        artifacts=artifacts,
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Whole:
    """One view without its slices."""

    counted: Counted
    evidence: Evidence


@OneKept
def _count_whole(reader: CountsReader, view: View, selection: Selection) -> _Whole:
    facts = read_facts(reader, selection.experiment)
    windows, newest = Windows.of(view), _Newest.of(facts)
    span = _window(view, windows, newest)
    logged = _within(compared(reader, selection, read_span(reader, span)), span)
    requests, events = logged.requests, _logged_events(reader)
    counted = count_users(
        requests,
        logged.events.within(windows),
        count_returns(requests, return_days=view.return_days, end_us=newest.seen_until(view)),
        windows,
        newest_us=newest.any_us,
        revenue_cap=view.revenue_cap,
        logged=events,
    )
    covariate = find_covariate(reader, view, selection, requests)
    (asked,) = Groups.arms(counted.totals).ratio_sums("requests", "users")
    evidence = Evidence(
        files=(),
        fingerprint="",
        experiment=selection.experiment,
        control=selection.control,
        candidate=selection.candidate,
        surface=selection.surface,
        surfaces=selection.surfaces,
        surface_share=_surface_share(reader, selection),
        notes=selection.notes,
        start=_moment(requests.ts_us.min()) if requests.days else None,
        end=_moment(requests.ts_us.max()) if requests.days else None,
        days=requests.days,
        users=Pair(control=asked.control.n, candidate=asked.candidate.n),
        arm_users_by_day=_users_by_day(requests),
        requests=Pair(control=int(asked.control.sy), candidate=int(asked.candidate.sy)),
        requests_per_user=asked,
        kpis=count_kpis(counted, covariate),
        rates=count_rates(counted, view.slow_threshold_ms, events),
        latency=count_latency(requests),
        items=count_items(reader, view, selection),
        covariate=covariate.evidence(requests.candidate) if covariate else None,
        slices=(),
        slice_keys=(),
        facts=replace(facts, attribution=_attribution(logged.events, windows)),
        drift=read_drift(reader, selection, requests),
        artifacts=(),
    )
    return _Whole(counted=counted, evidence=evidence)


def _surface_share(reader: CountsReader, selection: Selection) -> float:
    """The part of the arms' requests that is on the view's surface, at any time."""
    if len(selection.surfaces) < 2:
        return 1.0
    (found,) = reader.records(
        "SELECT count(*) FILTER (WHERE surface = $surface) AS here, count(surface) AS known FROM requests "
        "WHERE experiment_id = $experiment AND variant IN ($control, $candidate)",
        {
            "surface": selection.surface,
            "experiment": selection.experiment,
            "control": selection.control,
            "candidate": selection.candidate,
        },
    )
    return float(found["here"] / found["known"])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Newest:
    """The newest exposure, and the newest event of any log; microseconds since the epoch, 0 without one."""

    exposure_us: int
    any_us: int

    @classmethod
    def of(cls, facts: Facts) -> _Newest:
        last = {span.kind: span.last_us or 0 for span in facts.spans}
        return cls(exposure_us=last["exposure.v1"], any_us=max(last.values()))

    def seen_until(self, view: View) -> int:
        """The last moment of the view at which a request would be known."""
        return self.exposure_us if view.end is None else min(self.exposure_us, epoch_us(view.end))


def _window(view: View, windows: Windows, newest: _Newest) -> Span:
    """The view's window of time; with `mature_only`, of the requests whose longest window is over."""
    end_us = None if view.end is None else epoch_us(view.end)
    if view.mature_only:
        mature_us = newest.any_us - max(windows.click_us, windows.outcome_us) + 1
        end_us = mature_us if end_us is None else min(end_us, mature_us)
    return None if view.start is None else epoch_us(view.start), end_us


def _within(logged: Logged, span: Span) -> Logged:
    """The requests in a span of time and their outcomes."""
    first_us, end_us = span
    ts_us = logged.requests.ts_us
    kept = np.ones(len(ts_us), dtype=np.bool_)
    if first_us is not None:
        kept &= ts_us >= first_us
    if end_us is not None:
        kept &= ts_us < end_us
    chosen = logged
    if not kept.all():
        chosen = Logged(requests=logged.requests.where(kept), events=logged.events.where(kept))
    _check_days(chosen.requests)
    return chosen


def _check_days(requests: Requests) -> None:
    """A clock that was wrong once would make an experiment of years, each day of which is looked at."""
    if requests.days > MOST_DAYS:
        first, last = (_moment(found()) for found in (requests.ts_us.min, requests.ts_us.max))
        raise InputError(
            f"The compared requests lie {requests.days:,} days apart, from {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}; at most {MOST_DAYS:,} are compared. A clock was wrong for some of them: "
            "give the experiment's own days with the settings start and end."
        )


def _logged_events(reader: CountsReader) -> dict[str, int]:
    """How many outcomes of each event type carry a value."""
    rows = reader.records("SELECT event_type, with_value FROM event_types")
    return {row["event_type"]: row["with_value"] for row in rows}


def _moment(us: np.int64) -> datetime:
    return EPOCH + timedelta(microseconds=int(us))


def _users_by_day(requests: Requests) -> Pair[tuple[int, ...]]:
    """Users of each arm seen by the end of each calendar day (UTC) of the window."""
    first_day = requests.day[requests.first_of_user]

    def seen(arm: bool) -> tuple[int, ...]:
        new = np.bincount(first_day[requests.candidate == arm], minlength=requests.days)
        return tuple(np.cumsum(new).tolist())

    return Pair(control=seen(False), candidate=seen(True))


def _attribution(events: Events, windows: Windows) -> Attribution:
    early = int(np.sum(events.lag_us < 0))
    within = len(events.within(windows).lag_us)
    return Attribution(within=within, early=early, late=len(events.lag_us) - early - within)
