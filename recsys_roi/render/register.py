"""The risk register in words and as files: who answers by when, the whole register, the trail of changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from recsys_roi.record.entries import Change
from recsys_roi.render.documents import document_link
from recsys_roi.render.pack.spreadsheet_text import to_csv
from recsys_roi.render.words.names import status_mark
from recsys_roi.render.words.numbers import day
from recsys_roi.review.document import Review, Risk

REGISTER_COLUMNS = (
    *("id", "risk", "family", "status", "evidence", "page", "mitigation", "escalation"),
    *("owner", "role", "due", "overdue", "document", "link"),
)
TRAIL_COLUMNS = ("at", "who", "action", "subject", "detail", "hash")


def is_overdue(risk: Risk, review: Review) -> bool:
    """Its day has passed and it is still open."""
    return risk.due is not None and risk.status != "ok" and risk.due < review.made_at[:10]


def owner_text(risk: Risk, review: Review) -> str:
    """Who answers for it, by when: "Owner: Ana. Due: 1 Dec 2026, overdue."."""
    owner = risk.owner or f"the {risk.role} (nobody is named)"
    if risk.due is None:
        return f"Owner: {owner}. Due: no date."
    late = ", overdue" if is_overdue(risk, review) else ""
    return f"Owner: {owner}. Due: {day(risk.due)}{late}."


def duty_text(risk: Risk, review: Review) -> str:
    """Who by when, where somebody is named: "Ana, 1 Dec 2026, overdue"."""
    late = "overdue" if is_overdue(risk, review) else ""
    return ", ".join(filter(None, (risk.owner, day(risk.due) if risk.due else "", late)))


def register_csv(review: Review) -> str:
    """The whole register as CSV, in the order of the review."""
    return to_csv(
        REGISTER_COLUMNS,
        (
            (
                *(risk.id, risk.title, risk.family, status_mark(risk.status).word, risk.evidence, risk.page),
                *(risk.mitigation, risk.escalation, risk.owner or "", risk.role, risk.due or ""),
                *(is_overdue(risk, review), risk.document, document_link(risk.document) or ""),
            )
            for risk in review.risks
        ),
    )


def trail_csv(trail: Iterable[Change]) -> str:
    """Every change of the record as CSV, oldest first, with what was written."""
    return to_csv(
        TRAIL_COLUMNS,
        (
            (change.at.isoformat(), change.who, change.action, change.subject, change.detail, change.hash)
            for change in trail
        ),
    )


def change_text(change: Change) -> str:
    """What was written by one change, in short: "owner Ana, due 2026-12-01"."""
    detail = json.loads(change.detail)
    told = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in detail.items()
        if value not in (None, "") and not isinstance(value, Mapping | list)
    ]
    return ", ".join(told)
