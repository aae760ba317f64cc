"""The catalogue's KPIs counted for one view: whole window, mature part, day by day, with covariate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recsys_roi.evidence.capping import choose_caps
from recsys_roi.evidence.columns import Events, Requests, Windows
from recsys_roi.evidence.covariates import Covariates
from recsys_roi.evidence.cumulative import sums_by_day
from recsys_roi.evidence.grouping import Groups
from recsys_roi.evidence.kpis import KPIS, NEW_USERS, TALLIES, AttributionWindow, Kpi
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.totals import Returns, Totals, Units, count_totals
from recsys_roi.evidence.view import Capping, KpiEvidence, Pair

NOTHING = Sums(n=0, sy=0.0, sx=0.0, syy=0.0, sxx=0.0, sxy=0.0)
NO_SUMS = Pair(control=NOTHING, candidate=NOTHING)
NOT_LOGGED = KpiEvidence(
    logged=False,
    sums=NO_SUMS,
    mature=NO_SUMS,
    numerator_total=0.0,
    requests_total=0,
    mature_share=None,
    capping=None,
    uncapped=None,
    by_day=(),
    covariate=None,
    mature_covariate=None,
)
WINDOWS: tuple[AttributionWindow, ...] = ("click", "outcome")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Counted:
    """The users' totals of one view, and what they were counted from."""

    requests: Requests
    events: Events  # in time
    returns: Returns
    totals: Totals
    mature: dict[AttributionWindow, Totals]  # of requests older than the window only
    capping: dict[str, Capping]  # by total
    capped: Totals  # what KPIs are measured by
    kpis: tuple[Kpi, ...]  # those of the catalogue that are logged

    @property
    def caps(self) -> dict[str, float]:
        """The cap of each total that has one."""
        return {name: found.cap for name, found in self.capping.items()}


def count_users(
    requests: Requests,
    events: Events,
    returns: Returns,
    windows: Windows,
    *,
    newest_us: int,
    revenue_cap: float | None,
    logged: Mapping[str, int],
) -> Counted:
    """Totals a user; a request is mature when its window ended by the newest event (numbers book 0.5).

    `logged` says of each event type of the pilot how many outcomes carry a value.
    """
    units, columns = Units.users(requests), returns.columns()
    totals = count_totals(requests, events, units).with_columns(columns)
    capping = choose_caps(totals, revenue_cap)
    return Counted(
        requests=requests,
        events=events,
        returns=returns,
        totals=totals,
        mature={
            window: count_totals(
                requests,
                events,
                units,
                kept=requests.ts_us + windows.width(window) <= newest_us,
                tallies={name: tally for name, tally in TALLIES.items() if tally.window == window},
            )
            for window in WINDOWS
        },
        capping=capping,
        capped=totals.capped({name: found.cap for name, found in capping.items()}),
        kpis=tuple(kpi for kpi in KPIS.values() if _is_logged(kpi, logged)),
    )


def _is_logged(kpi: Kpi, logged: Mapping[str, int]) -> bool:
    if kpi.needs_value and not logged.get(kpi.events[0]):
        return False
    return all(event in logged for event in kpi.events)


def count_kpis(counted: Counted, covariate: Covariates | None) -> dict[str, KpiEvidence]:
    """Every KPI of the catalogue; one that is not logged has no sums."""
    by_day = sums_by_day(counted.requests, counted.events, counted.returns, counted.kpis, counted.caps)
    whole = _Part.of(counted.totals, counted.capped)
    mature = {
        window: _Part.of(
            totals,
            totals.capped({name: cap for name, cap in counted.caps.items() if name in totals.columns}),
        )
        for window, totals in counted.mature.items()
    }
    found = {
        kpi.id: _kpi(
            kpi,
            counted.capping.get(kpi.numerator),
            whole=whole,
            mature=mature[kpi.window] if kpi.window else whole,
            covariate=covariate,
            by_day=by_day[kpi.id],
        )
        for kpi in counted.kpis
    }
    return {name: found.get(name, NOT_LOGGED) for name in KPIS}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Part:
    """The totals of some requests, as they are and capped."""

    uncapped: Groups
    capped: Groups
    requests: float

    @classmethod
    def of(cls, totals: Totals, capped: Totals) -> _Part:
        groups = Groups.arms(totals)
        return cls(
            uncapped=groups,
            capped=groups.of_capped(capped),
            requests=float(totals.columns["requests"].sum()),
        )


def _kpi(
    kpi: Kpi,
    capping: Capping | None,
    *,
    whole: _Part,
    mature: _Part,
    covariate: Covariates | None,
    by_day: tuple[Pair[Sums], ...],
) -> KpiEvidence:
    (sums,), (mature_sums,) = whole.capped.sums(kpi), mature.capped.sums(kpi)
    any_mature = min(mature_sums.control.n, mature_sums.candidate.n) > 0
    base = NEW_USERS if kpi.denominator == NEW_USERS else "requests"
    (paid,) = (mature if any_mature else whole).uncapped.ratio_sums(kpi.paid_total, base)
    return KpiEvidence(
        logged=True,
        sums=sums,
        mature=mature_sums,
        numerator_total=paid.control.sy / kpi.units_per_action,
        requests_total=int(paid.control.sx),
        mature_share=mature.requests / whole.requests if whole.requests else None,
        capping=capping,
        uncapped=whole.uncapped.sums(kpi)[0] if capping else None,
        # The last day is the whole window, so it has the window's own sums to the last digit.
        by_day=(*by_day[:-1], sums),
        covariate=covariate.sums(kpi, whole.capped.totals) if covariate else None,
        mature_covariate=covariate.sums(kpi, mature.capped.totals) if covariate else None,
    )
