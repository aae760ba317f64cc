"""What is known of the users from before the experiment, to take noise out of the lift (numbers book 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_roi.errors import UnknownNameError
from recsys_roi.evidence.capping import choose_caps
from recsys_roi.evidence.columns import Floats, Mask, Requests, Windows, find_in
from recsys_roi.evidence.kpis import NEW_USERS, PER_USER, USERS, Kpi
from recsys_roi.evidence.reading import CountsReader, shown_before
from recsys_roi.evidence.selection import Selection
from recsys_roi.evidence.sums import CovariateSums
from recsys_roi.evidence.totals import Totals, Units, count_totals
from recsys_roi.evidence.view import CovariateEvidence, Pair, View

PRIOR = "pre_period"
NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Covariates:
    """One covariate of every user of the view; users without history have zeros (numbers book 2.3)."""

    name: str  # PRIOR or a context key
    prior: dict[str, Floats]  # PRIOR: the catalogue's totals before the experiment, shape (users,)
    number: Floats | None  # a context key: its number, shape (users,)
    known: Mask  # shape (users,): has a history, or the key

    def evidence(self, candidate: Mask) -> CovariateEvidence:
        """How many users of each arm have it."""
        return CovariateEvidence(
            name=self.name,
            known=Pair(
                control=int(np.sum(self.known & ~candidate)), candidate=int(np.sum(self.known & candidate))
            ),
        )

    def sums(self, kpi: Kpi, totals: Totals) -> Pair[CovariateSums] | None:
        """The KPI's sums with its covariate's, by arm; None for a KPI that the covariate says nothing of."""
        u, w = self._of(kpi, totals)
        if u is None or w is None:
            return None
        member = totals.columns[kpi.denominator if kpi.denominator in PER_USER else USERS] > 0

        def of(arm: Mask) -> CovariateSums:
            chosen = arm & member
            y, x = totals.of(kpi.numerator, chosen), totals.of(kpi.denominator, chosen)
            return CovariateSums.of_users(y, x, u[chosen], w[chosen])

        return Pair(control=of(~totals.candidate), candidate=of(totals.candidate))

    def _of(self, kpi: Kpi, totals: Totals) -> tuple[Floats | None, Floats | None]:
        ones = np.ones(len(totals.candidate))
        if self.number is not None:
            return self.number, ones
        if kpi.denominator == NEW_USERS:
            return None, None
        return self.prior[kpi.numerator], ones if kpi.denominator == USERS else self.prior[kpi.denominator]


def find_covariate(
    reader: CountsReader, view: View, selection: Selection, requests: Requests
) -> Covariates | None:
    """The view's covariate; None where there is none or it is not wanted.

    Raises UnknownNameError for a name that is no numeric context key.
    """
    if view.covariate == NONE:
        return None
    if view.covariate in (None, PRIOR):
        return _prior(reader, view, selection, requests)
    return _of_key(reader, selection, requests, view.covariate)


def _prior(reader: CountsReader, view: View, selection: Selection, requests: Requests) -> Covariates | None:
    logged = shown_before(reader, selection)
    earlier = logged.requests
    place, kept = find_in(requests.user_no, earlier.user_no)
    if not kept.any():
        return None
    totals = count_totals(earlier, logged.events.within(Windows.of(view)), Units.users(earlier))
    totals = totals.capped({name: found.cap for name, found in choose_caps(totals, view.revenue_cap).items()})
    prior = {name: np.zeros(requests.users) for name in totals.columns}
    for name, column in totals.columns.items():
        prior[name][place[kept]] = column[kept]
    return Covariates(name=PRIOR, prior=prior, number=None, known=prior[USERS] > 0)


def _of_key(reader: CountsReader, selection: Selection, requests: Requests, key: str) -> Covariates:
    known_keys = reader.records(
        "SELECT key FROM context_keys WHERE experiment_id = $experiment AND numeric ORDER BY key",
        {"experiment": selection.experiment},
    )
    names = [row["key"] for row in known_keys]
    if key not in names:
        raise UnknownNameError("covariate (a context key that holds numbers)", key, [*names, PRIOR, NONE])
    rows = reader.columns("covariate_users.sql", {"experiment": selection.experiment, "key": key})
    place, known = find_in(rows["user_no"], requests.user_no)
    number = np.zeros(requests.users)
    number[known] = rows["number"][place[known]]
    return Covariates(name=key, prior={}, number=number, known=known)
