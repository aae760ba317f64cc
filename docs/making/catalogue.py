"""KPIs, guardrails, risks and terms, each from its own table in the code."""

from __future__ import annotations

from textwrap import fill

from docs.making.tables import code, plain, table
from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.render import words
from recsys_roi.render.words.glossary import GLOSSARY
from recsys_roi.value.settings import SETTINGS
from recsys_roi.verdict.attesting import STATEMENTS
from recsys_roi.verdict.known_risks import KNOWN_RISKS
from recsys_roi.verdict.risk_entry import FAMILIES


def kpis() -> str:
    """Each KPI with its two totals, and what must be logged."""
    header = ("KPI", "Numerator, a user", "Denominator, a user", "Unit", "Expected size of lifts", "Needs")
    return table(
        header,
        (
            (
                code(kpi.id),
                code(kpi.numerator),
                code(kpi.denominator),
                kpi.unit,
                words.percent(kpi.prior_sd).lstrip("+"),
                plain(kpi.needs),
            )
            for kpi in KPIS.values()
        ),
    )


def guardrails() -> str:
    """Each guardrail with its limit."""
    return table(
        ("Guardrail", "Unit", "Limit", "Slider", "Test", "Needs"),
        (
            (
                code(guardrail.id),
                guardrail.unit,
                _limit(guardrail.unit, SETTINGS[guardrail.margin_setting].default),
                _slider(guardrail.unit, SETTINGS[guardrail.margin_setting].slider),
                _TESTS[guardrail.kind],
                plain(guardrail.needs),
            )
            for guardrail in GUARDRAILS.values()
        ),
    )


WIDTH = 118
_TESTS = {
    "latency": "quantile (5.2)",
    "rate": "rate (5.1)",
    "by_day": "by day (5.4)",
}


def _limit(unit: str, value: float) -> str:
    return f"{value * 100:g} %" if unit == "relative" else f"{value * 100:g} points"


def _slider(unit: str, ends: tuple[float, float] | None) -> str:
    if ends is None:
        return ""
    low, high = ends
    return f"{low * 100:g} to {_limit(unit, high)}"


def risks() -> str:
    """The register by family."""
    header = ("Risk", "Read from", "How to lower it", "Escalate", "Answers for it")
    return "\n\n".join(
        f"## {family}\n\n"
        + table(
            header,
            (
                (
                    plain(risk.title),
                    ", ".join(code(source) for source in risk.sources),
                    plain(risk.mitigation),
                    plain(risk.cue.text),
                    risk.role,
                )
                for risk in KNOWN_RISKS
                if risk.family == family
            ),
        )
        for family in FAMILIES
    )


def statements() -> str:
    """What people state because logs cannot show it."""
    return table(
        ("Statement", "I state that ...", "The note says", "Holds for"),
        (
            (
                code(statement.id),
                plain(statement.states),
                plain(statement.asks),
                "ever" if statement.valid_days is None else f"{statement.valid_days} days",
            )
            for statement in STATEMENTS.values()
        ),
    )


def glossary() -> str:
    """Every term with its meaning."""
    return "\n\n".join(fill(f"**{term}.** {said}", WIDTH) for term, said in GLOSSARY.items())
