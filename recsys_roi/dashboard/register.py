"""Parts of the Risks page: how many risks have which status, and each risk with what to do about it."""

from __future__ import annotations

import streamlit as st

from recsys_roi.dashboard import layout
from recsys_roi.dashboard.text import plain
from recsys_roi.render import words
from recsys_roi.render.documents import base_problem, document_link
from recsys_roi.review.document import Review, Risk

STATUSES = ("act", "watch", "cannot_tell", "ok")


def counts(review: Review) -> None:
    """How many risks have each status."""
    layout.tiles(
        [
            words.Tile(
                label=words.status_mark(status).word,
                value=f"{sum(risk.status == status for risk in review.risks)}",
                note="",
            )
            for status in STATUSES
        ]
    )


def family_filter(review: Review) -> str:
    """The family whose risks are shown, or "All"."""
    families = list(dict.fromkeys(risk.family for risk in sorted(review.risks, key=lambda one: one.family)))
    chosen = st.segmented_control(
        "Family", ["All", *families], default="All", key="risk_family", required=True
    )
    return str(chosen)


def risk(found: Risk) -> None:
    """One risk: evidence, mitigation, whom to call when."""
    mark = words.status_mark(found.status)
    colour = layout.BADGE_COLOURS[mark.tone]
    with st.expander(f":{colour}-badge[{mark.icon} {mark.word}] {plain(found.title)}"):
        layout.say(found.evidence)
        layout.bullets(
            (
                f"Lower it: {found.mitigation}",
                f"Escalate: {found.escalation}",
                f"Owner: {found.owner or f'the {found.role}, nobody is named'}. "
                f"Due: {words.day(found.due) if found.due else 'no date'}.",
            )
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(f"pages/{found.page.lower()}.py", label=f"See the evidence on {found.page}")
            document(found.document)


def document(name: str) -> None:
    """A document of the suite: a link where the deployment says where documents are, else its name."""
    link = document_link(name)
    if link is None:
        layout.quiet(f"Read: {name}")
    else:
        st.link_button(f"Read {name}", link, type="tertiary", icon=":material/menu_book:")


def documents_problem() -> None:
    """Why documents are not linked although an address is set."""
    layout.say_if(base_problem())
