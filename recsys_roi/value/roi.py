"""From lift to money: monthly flows, present values, break-even lift and payback (numbers book 8.1).

Money is counted per request, and for the return rate per new user: an audience that is counted once, where
requests come again every month. The value of a lift L is linear in it: NPV = L A - Rc - C0, with
A the present value of a lift of 1.0 (+100 %), Rc that of recurring costs and C0 the one-off cost. Flows come
at the end of each month.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from recsys_roi.evidence.kpis import Kpi
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.settings import KPIS_OF_NEW_USERS, NEW_USERS_SETTING, VALUE_SETTING

Array: TypeAlias = NDArray[np.float64]
Amount: TypeAlias = float | Array  # one value, or one value a draw, shape (draws, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Economics:
    """Everything that money is counted from but the lift; fields are named as the settings they come from."""

    baseline_kpi: Amount  # numerator units a request, control
    eligible_requests_per_month: Amount  # at full roll-out
    traffic_growth_monthly: Amount  # share a month
    ramp: tuple[float, ...]  # share of traffic served in month 1, 2, ...; the last one stays
    value_per_action: Amount  # money for one unit of the numerator; 1 where it is money already
    margin: Amount  # share
    cannibalisation: Amount  # share
    horizon_months: int
    discount_rate: Amount  # share a year
    novelty_share: Amount  # share of the lift
    novelty_half_life_months: Amount
    lift_decay_monthly: Amount  # share a month
    engineering_hours: Amount
    engineering_rate: Amount  # money an hour
    shared_cost: Amount  # this surface's part, money
    ops_hours_per_month: Amount
    ops_rate: Amount  # money an hour
    one_off_cost: Amount  # infrastructure, money
    infra_per_month: Amount  # money
    infra_per_1000_requests: Amount  # money
    sunk_cost: float = 0.0  # money already spent; in no figure but the programme's return
    counts_money: bool = False  # the numerator is money already, so value_per_action is fixed
    eligible_new_users_per_month: Amount | None = None  # the audience, where the KPI is one of new users

    @property
    def audience_per_month(self) -> Amount:
        """What the baseline is a share of, at full roll-out: new users, each counted once, or requests."""
        new_users = self.eligible_new_users_per_month
        return self.eligible_requests_per_month if new_users is None else new_users

    def reads(self, name: str) -> bool:
        """Whether a setting that may have a range is part of this money at all."""
        if name == VALUE_SETTING:
            return not self.counts_money
        return name != NEW_USERS_SETTING or self.eligible_new_users_per_month is not None


def economics(scenario: Scenario, kpi: Kpi, baseline: float, *, shared_part: float = 1.0) -> Economics:
    """The economics of a scenario for one KPI.

    `baseline` is the control's numerator per request, `shared_part` the share of `shared_cost` that this
    surface carries, by traffic (numbers book 8.1).
    """
    decay = scenario.lift_decay_monthly
    return Economics(
        baseline_kpi=baseline,
        eligible_requests_per_month=scenario.eligible_requests_per_month,
        traffic_growth_monthly=scenario.traffic_growth_monthly,
        ramp=scenario.ramp,
        value_per_action=1.0 if kpi.is_money else scenario.value_per_action,
        margin=scenario.margin,
        cannibalisation=scenario.cannibalisation,
        horizon_months=scenario.horizon_months,
        discount_rate=scenario.discount_rate,
        novelty_share=scenario.novelty_share,
        novelty_half_life_months=scenario.novelty_half_life_months,
        lift_decay_monthly=kpi.decay_monthly if decay is None else decay,
        engineering_hours=scenario.engineering_hours,
        engineering_rate=scenario.engineering_rate,
        shared_cost=scenario.shared_cost * shared_part,
        ops_hours_per_month=scenario.ops_hours_per_month,
        ops_rate=scenario.ops_rate,
        one_off_cost=scenario.one_off_cost,
        infra_per_month=scenario.infra_per_month,
        infra_per_1000_requests=scenario.infra_per_1000_requests,
        sunk_cost=scenario.sunk_cost,
        counts_money=kpi.is_money,
        eligible_new_users_per_month=(
            scenario.eligible_new_users_per_month if kpi.id in KPIS_OF_NEW_USERS else None
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """What time does, month by month after a launch; arrays of shape (months,) or (draws, months)."""

    length: Array  # part of the month that lies within the horizon: 1, the last one perhaps less
    growth: Array  # traffic against today's
    ramp: Array  # share of traffic served
    retention: Array  # share of the lift that is left
    discount: Array  # present value of 1 paid at the month's end


def schedule(money: Economics, delay_months: Amount = 0.0) -> Schedule:
    """Months from a launch after `delay_months` to the fixed end (numbers book 8.1 and 9.1).

    Ramp, novelty and decay run from the launch; traffic growth and discounting from today. Several delays, as
    an array of shape (delays, 1, 1), give arrays of shape (delays, 1 or draws, months).
    """
    left = np.asarray(money.horizon_months - delay_months)
    before = np.arange(max(0, math.ceil(left.max())), dtype=np.float64)  # months since the launch
    length = np.clip(left - before, 0.0, 1.0)
    novelty = money.novelty_share * novel(money.novelty_half_life_months, before)
    return Schedule(
        length=length,
        growth=grown(money.traffic_growth_monthly, before + delay_months),
        ramp=ramp_of(money, before),
        retention=(1 - money.novelty_share + novelty) * kept(money.lift_decay_monthly, before),
        discount=discounted(money.discount_rate, before + delay_months + length),
    )


def grown(growth: Amount, months: Array) -> Array:
    """Traffic after so many months, against today's."""
    return np.power(1 + growth, months)


def kept(decay: Amount, months: Array) -> Array:
    """What decay leaves of a lift after so many months."""
    return np.power(1 - decay, months)


def novel(half_life: Amount, months: Array) -> Array:
    """What is left of novelty after so many months."""
    return np.exp2(-months / half_life)


def discounted(rate: Amount, months: Array) -> Array:
    """Present value of 1 paid in so many months."""
    return np.power(1 + rate, -months / 12)


def ramp_of(money: Economics, months: Array) -> Array:
    """Share of traffic served in each month after the launch."""
    ramp = np.array(money.ramp, dtype=np.float64)
    return ramp[np.minimum(months.astype(np.intp), ramp.size - 1)]


def unit_value_per_month(money: Economics) -> Amount:
    """Money a month for a lift of 1.0 at today's full traffic, before ramp, novelty and decay."""
    ours = money.margin * (1 - money.cannibalisation)
    return money.audience_per_month * money.baseline_kpi * money.value_per_action * ours


@dataclass(frozen=True, kw_only=True, slots=True)
class PresentValues:
    """Money today, in the scenario's currency; one value, or one a draw of shape (draws,)."""

    unit_value: Array  # A: benefit of a lift of 1.0
    one_off: Array  # C0: engineering, shared part and one-off infrastructure
    recurring: Array  # Rc: operations and infrastructure by month and by traffic
    engineering: Array  # hours still to do, and this surface's part of the shared cost
    operations: Array
    infrastructure: Array  # one-off, by month and by traffic

    @property
    def cost(self) -> Array:
        """C0 + Rc; its parts are engineering, operations and infrastructure."""
        return self.one_off + self.recurring


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeSums:
    """Present value of a month, before any price: all that time does to money in three sums."""

    months: Array  # of 1 a month
    served: Array  # of the share of today's traffic that is served
    retained: Array  # of that share times the part of the lift that is left


def time_sums(money: Economics, delay_months: Amount = 0.0) -> TimeSums:
    """The sums over the months of a launch after `delay_months`; see `schedule` for the shapes."""
    time = schedule(money, delay_months)
    months = time.length * time.discount
    served = time.growth * time.ramp * months
    return TimeSums(months=_total(months), served=_total(served), retained=_total(served * time.retention))


def priced(money: Economics, time: TimeSums) -> PresentValues:
    """Present values from the sums over time; each is affine in every price, amount and share of `money`."""
    operations = time.months * _flat(money.ops_hours_per_month * money.ops_rate)
    hosting = time.months * _flat(money.infra_per_month)
    hosting = hosting + time.served * _flat(
        money.infra_per_1000_requests * money.eligible_requests_per_month / 1000
    )
    engineering = _flat(_engineering(money))
    one_off_cost = _flat(money.one_off_cost)
    return PresentValues(
        unit_value=time.retained * _flat(unit_value_per_month(money)),
        one_off=engineering + one_off_cost,
        recurring=operations + hosting,
        engineering=engineering,
        operations=operations,
        infrastructure=one_off_cost + hosting,
    )


def _engineering(money: Economics) -> Amount:
    return money.engineering_hours * money.engineering_rate + money.shared_cost


def one_off_costs(money: Economics) -> Array:
    """C0: engineering, the shared part and one-off infrastructure, one value or shape (draws,)."""
    return _flat(_engineering(money) + money.one_off_cost)


def present_values(money: Economics) -> PresentValues:
    """Present values of a launch today: one value, or shape (draws,)."""
    return priced(money, time_sums(money))


def _total(by_month: Array) -> Array:
    return np.asarray(by_month.sum(axis=-1))


def _flat(amount: Amount) -> Array:
    """One value of shape (), or the draws of shape (draws, 1) as (draws,)."""
    values = np.asarray(amount, dtype=np.float64)
    return values[..., 0] if values.ndim else values


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """One month after the launch; money in the scenario's currency, paid at its end, not discounted."""

    month: int
    requests: float  # eligible
    served: float  # by the candidate, after the ramp
    retention: float  # share of the lift that is left
    unit_value: float  # benefit of a lift of 1.0
    cost: float  # recurring
    discount: float  # present value of 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """Money of one month at a given lift, not discounted."""

    month: int
    benefit: float
    cost: float
    net: float
    cumulative: float  # from the one-off cost on


@dataclass(frozen=True, kw_only=True, slots=True)
class Projection:
    """The months and their present values; every figure that needs a lift is linear in it."""

    months: tuple[Month, ...]
    pv_unit_value: float  # A
    one_off_cost: float  # C0
    pv_recurring_cost: float  # Rc
    pv_engineering: float
    pv_operations: float
    pv_infrastructure: float
    sunk_cost: float

    @property
    def pv_cost(self) -> float:
        """C0 + Rc: everything that is still to be paid."""
        return self.one_off_cost + self.pv_recurring_cost

    @property
    def break_even_lift(self) -> float | None:
        """Relative lift with an NPV of 0; None where a lift brings no money, or next to none."""
        lift = self.pv_cost / self.pv_unit_value if self.pv_unit_value > 0 else math.inf
        return lift if math.isfinite(lift) else None

    def pv_benefit(self, lift: float) -> float:
        """Present value of the benefit of a relative lift."""
        return lift * self.pv_unit_value

    def npv(self, lift: float) -> float:
        """Net present value of launching now at a relative lift, without what is already spent."""
        return self.pv_benefit(lift) - self.pv_cost

    def roi(self, lift: float) -> float | None:
        """NPV over cost; None where there is no cost."""
        return self.npv(lift) / self.pv_cost if self.pv_cost > 0 else None

    def benefit_cost_ratio(self, lift: float) -> float | None:
        """Benefit over cost, both as present values; None where there is no cost."""
        return self.pv_benefit(lift) / self.pv_cost if self.pv_cost > 0 else None

    def programme_roi(self, lift: float) -> float | None:
        """Return on everything, with what is already spent; not what a decision rests on."""
        cost = self.pv_cost + self.sunk_cost
        return (self.pv_benefit(lift) - cost) / cost if cost > 0 else None

    def flows(self, lift: float) -> tuple[Flow, ...]:
        """Benefit, cost, net and cumulative money by month at a relative lift."""
        nets = [lift * month.unit_value - month.cost for month in self.months]
        totals = list(accumulate(nets, initial=-self.one_off_cost))[1:]
        return tuple(
            Flow(
                month=month.month,
                benefit=lift * month.unit_value,
                cost=month.cost,
                net=net,
                cumulative=total,
            )
            for month, net, total in zip(self.months, nets, totals, strict=True)
        )

    def payback_months(self, lift: float, *, discounted: bool = False) -> float | None:
        """Months until cumulative money reaches 0, linear within a month; None if never in the horizon.

        Where a lift brings no money nothing is paid back, not even where there is nothing to pay.
        """
        if lift <= 0 or self.pv_unit_value <= 0:
            return None
        total = -self.one_off_cost
        for month in self.months:
            before = total
            net = lift * month.unit_value - month.cost
            total += net * month.discount if discounted else net
            if total >= 0:
                return month.month - 1 + (-before / (total - before) if before < 0 else 0.0)
        return None


def project(money: Economics) -> Projection:
    """Months and present values of a launch today (numbers book 8.1); the inputs are single values."""
    time = schedule(money)
    values = present_values(money)
    requests = money.eligible_requests_per_month * time.growth
    served = requests * time.ramp
    unit_values = time.growth * time.ramp * time.retention * unit_value_per_month(money)
    fixed = money.infra_per_month + money.ops_hours_per_month * money.ops_rate
    costs = fixed + money.infra_per_1000_requests * served / 1000
    return Projection(
        months=tuple(
            Month(
                month=index + 1,
                requests=float(requests[index]),
                served=float(served[index]),
                retention=float(time.retention[index]),
                unit_value=float(unit_values[index]),
                cost=float(costs[index]),
                discount=float(time.discount[index]),
            )
            for index in range(money.horizon_months)
        ),
        pv_unit_value=float(values.unit_value),
        one_off_cost=float(values.one_off),
        pv_recurring_cost=float(values.recurring),
        pv_engineering=float(values.engineering),
        pv_operations=float(values.operations),
        pv_infrastructure=float(values.infrastructure),
        sunk_cost=money.sunk_cost,
    )
