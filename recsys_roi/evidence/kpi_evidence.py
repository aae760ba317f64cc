"""The catalogue's KPIs counted for one view: whole window, mature part, day by day, with covariate."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_roi.evidence.capping import choose_caps
from recsys_roi.evidence.columns import Events, Requests, Windows
from recsys_roi.evidence.covariates import Covariates
from recsys_roi.evidence.cumulative import sums_by_day
from recsys_roi.evidence.grouping import Groups
from recsys_roi.evidence.kpis import KPIS, NEW_USERS, AttributionWindow, Kpi
from recsys_roi.evidence.sums import Sums
from recsys_roi.evidence.totals import Returns, Totals, Units, count_totals
from recsys_roi.evidence.view import Capping, KpiEvidence, Pair

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
) -> Counted:
    """Totals a user; a request is mature when its window ends by the newest event of any log (rulings 3)."""
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
                requests, events, units, kept=requests.ts_us + windows.width(window) <= newest_us
            ).with_columns(columns)
            for window in WINDOWS
        },
        capping=capping,
        capped=totals.capped({name: found.cap for name, found in capping.items()}),
    )


def count_kpis(
    counted: Counted, logged: dict[str, int], covariate: Covariates | None
) -> dict[str, KpiEvidence]:
    """Every KPI of the catalogue; `logged` says of each event type how many outcomes carry a value."""
    known = {name for name, kpi in KPIS.items() if _is_logged(kpi, logged)}
    by_day = sums_by_day(
        counted.requests, counted.events, counted.returns, (KPIS[name] for name in known), counted.caps
    )
    whole = _Part.of(counted.totals, counted.capped)
    mature = {
        window: _Part.of(totals, totals.capped(counted.caps)) for window, totals in counted.mature.items()
    }
    return {
        name: _kpi(
            kpi,
            counted,
            whole,
            mature[kpi.window] if kpi.window else whole,
            covariate if name in known else None,
            logged=name in known,
            by_day=by_day.get(name, ()),
        )
        for name, kpi in KPIS.items()
    }


def _is_logged(kpi: Kpi, logged: dict[str, int]) -> bool:
    if kpi.needs_value and not logged.get(kpi.events[0]):
        return False
    return all(event in logged for event in kpi.events)


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
    counted: Counted,
    whole: _Part,
    mature: _Part,
    covariate: Covariates | None,
    *,
    logged: bool,
    by_day: tuple[Pair[Sums], ...],
) -> KpiEvidence:
    (sums,), (mature_sums,) = whole.capped.sums(kpi), mature.capped.sums(kpi)
    capping = counted.capping.get(kpi.numerator)
    any_mature = min(mature_sums.control.n, mature_sums.candidate.n) > 0
    base = NEW_USERS if kpi.denominator == NEW_USERS else "requests"
    (paid,) = (mature if any_mature else whole).uncapped.ratio_sums(kpi.paid_total, base)
    return KpiEvidence(
        logged=logged,
        sums=sums,
        mature=mature_sums,
        numerator_total=paid.control.sy / kpi.units_per_action,
        requests_total=int(paid.control.sx),
        mature_share=mature.requests / whole.requests if whole.requests else None,
        capping=capping,
        uncapped=whole.uncapped.sums(kpi)[0] if capping else None,
        # The last day is the whole window, so it has the window's own sums to the last digit.
        by_day=(*by_day[:-1], sums) if by_day else (),
        covariate=covariate.sums(kpi, whole.capped.totals) if covariate else None,
        mature_covariate=covariate.sums(kpi, mature.capped.totals) if covariate else None,
    )
