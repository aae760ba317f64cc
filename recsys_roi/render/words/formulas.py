"""Each figure of the Lift and Guardrails pages: its formula and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Formula:
    """One figure, one formula, one source."""

    page: Literal["lift", "guardrails"]
    figure: str
    formula: str
    source: str


FORMULAS = (
    Formula(
        page="lift",
        figure="KPI of an arm",
        formula="R = sum of y / sum of x, y and x each user's totals over the whole window",
        source="one user is one unit, however many days they were seen",
    ),
    Formula(
        page="lift",
        figure="Its variance",
        formula="Var(R) = (s_yy - 2 R s_xy + R^2 s_xx) / (n mean(x)^2)",
        source="delta method clustered by user; Deng, Knoblich, Lu, KDD 2018",
    ),
    Formula(
        page="lift",
        figure="Main range",
        formula="difference +/- m se, m = sqrt(2 (k + 1) / k ln(sqrt(k + 1) / alpha)), k = users rho^2",
        source="always-valid at every look; Waudby-Smith et al., arXiv 2103.06476",
    ),
    Formula(
        page="lift",
        figure="Relative lift",
        formula="all r with (R_B - r R_A)^2 <= m^2 (Var(R_B) + r^2 Var(R_A)), minus 1",
        source="Fieller; it leaves 0 out exactly where the difference does",
    ),
    Formula(
        page="lift",
        figure="Without daily looks",
        formula="the same with m from Welch's t; under ten converters in an arm, Newcombe's score interval",
        source="Welch 1947; Newcombe 1998",
    ),
    Formula(
        page="lift",
        figure="What we count",
        formula="mean = lift s^2 / (s^2 + se^2), s the expected size of lifts of this kind",
        source="normal prior around 0; 6,700 e-commerce tests (Browne, Jones 2017) and judgement",
    ),
    Formula(
        page="lift",
        figure="Adjusted by the past",
        formula="R - theta (R_u - pooled R_u), theta = Cov(L_y, L_u) / Var(L_u) over both arms",
        source="CUPED; Deng, Xu, Kohavi, Walker, WSDM 2013",
    ),
    Formula(
        page="lift",
        figure="Slices",
        formula="p adjusted for their number; lifts drawn towards their common mean",
        source="Benjamini, Hochberg 1995; DerSimonian, Laird 1986",
    ),
    Formula(
        page="lift",
        figure="Run time",
        formula="users = v z^2 / (lift^2 R^2 w (1 - w)), 1.7 times as many while looking every day",
        source="two-sample power; the factor 1.7 is from simulation",
    ),
    Formula(
        page="lift",
        figure="False alarms among wins",
        formula="(alpha / 2) (1 - pi) / ((alpha / 2) (1 - pi) + power pi), pi = share of tests that win",
        source="Kohavi, Deng, Vermeer, KDD 2022",
    ),
    Formula(
        page="guardrails",
        figure="Status",
        formula="over its limit: low end > 0 and harm > limit; passed: high end <= limit; else not shown",
        source="non-inferiority; Schultzberg, Ankargren, Franberg, arXiv 2402.11609",
    ),
    Formula(
        page="guardrails",
        figure="Rates",
        formula="harm +/- m1 se, one-sided and always-valid; a relative limit M tests R_B - (1 + M) R_A",
        source="Waudby-Smith et al., arXiv 2103.06476; Fieller",
    ),
    Formula(
        page="guardrails",
        figure="Latency quantiles",
        formula="order statistic; its variance is that of independent requests times the users' clustering",
        source="Deng, Knoblich, Lu, KDD 2018; Yao, Li, Lu, arXiv 2401.14549",
    ),
    Formula(
        page="guardrails",
        figure="Coverage and diversity",
        formula="share of the catalogue, and entropy / ln(catalogue), paired by day on equal requests",
        source="paired t over days, at least seven; for one look only",
    ),
    Formula(
        page="guardrails",
        figure="More days",
        formula="days ((high end - harm) / (limit - harm))^2 - days",
        source="the range shrinks with the square root of users",
    ),
)
