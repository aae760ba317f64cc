"""Parts of the Risks page: how many risks have which status, each risk, what was written, and the files."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import layout, recording, register_dialogs, state
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import RecsysRoiError
from recsys_roi.render import register, words
from recsys_roi.render.documents import base_problem, document_link
from recsys_roi.review.document import Review, Risk
from recsys_roi.verdict.risk_entry import FAMILIES

STATUSES = ("act", "watch", "cannot_tell", "ok")
ALL = "All"
OWN_PAGE = "Risks"


def counts(review: Review) -> None:
    """How many risks have each status."""
    late = sum(register.is_overdue(risk, review) for risk in review.risks)
    notes = {"act": f"{late} overdue"} if late else {}
    layout.tiles(
        [
            words.Tile(
                label=words.status_mark(status).word,
                value=f"{sum(risk.status == status for risk in review.risks)}",
                note=notes.get(status, ""),
            )
            for status in STATUSES
        ]
    )


def chosen_risks(review: Review) -> list[Risk]:
    """The risks of the chosen family, those that are open first; perhaps only those."""
    known = {risk.family for risk in review.risks}
    families = [*(one for one in FAMILIES if one in known), *sorted(known.difference(FAMILIES))]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        family = st.segmented_control(
            "Family", [ALL, *families], default=ALL, format_func=plain, key="risk_family", required=True
        )
        only_open = st.toggle("Open ones only", key="risk_open")
    return [
        risk
        for risk in review.risks
        if family in (ALL, risk.family) and not (only_open and risk.status == "ok")
    ]


def risk(found: Risk, review: Review) -> None:
    """One risk: evidence, mitigation, whom to call when, and what can be done about it here."""
    mark = words.status_mark(found.status)
    colour = layout.BADGE_COLOURS[mark.tone]
    duty = register.duty_text(found, review)
    told = f" :small[:gray[{plain(duty)}]]" if duty else ""
    label = f":{colour}-badge[{mark.icon} {mark.word}] {plain(found.title)}{told}"
    with st.expander(label, key=f"risk_{found.id}"):
        layout.say(found.evidence)
        layout.bullets(
            [
                *([f"Lower it: {found.mitigation}"] if found.mitigation else []),
                *([f"Escalate: {found.escalation}"] if found.escalation else []),
                register.owner_text(found, review),
            ]
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            _actions(found)
            if found.page != OWN_PAGE:
                st.page_link(f"pages/{found.page.lower()}.py", label=f"See the evidence on {found.page}")
            _document(found.document)


def _actions(found: Risk) -> None:
    if st.button("Owner and date", key=f"own_{found.id}", icon=":material/person:", type="tertiary"):
        register_dialogs.owner(found)
    if found.statements and st.button(
        "State it", key=f"state_{found.id}", icon=":material/task_alt:", type="tertiary"
    ):
        register_dialogs.statement(found)
    if found.own and st.button(
        "Judge or close", key=f"judge_{found.id}", icon=":material/gavel:", type="tertiary"
    ):
        register_dialogs.own_risk(found)


def _document(name: str) -> None:
    """A document of the suite: a link where the deployment says where documents are, else its name."""
    link = document_link(name)
    if link is None:
        layout.quiet(f"Read: {name}")
    else:
        st.link_button(f"Read {name}", link, type="tertiary", icon=":material/menu_book:")


def take_away(review: Review) -> None:
    """Another risk, and the register as a file."""
    with st.container(horizontal=True):
        if st.button("Add a risk", key="add_risk", icon=":material/add:"):
            register_dialogs.new_risk()
        layout.take(
            "Download the register (.csv)",
            lambda: register.register_csv(review),
            f"{state.pilot_name()} risks.csv",
            "download_register",
        )
    layout.say_if(base_problem())


def trail() -> None:
    """Every change of the record, whether the chain of hashes is whole, and all of it as a file."""
    try:
        changes = recording.statements().trail()
        broken = recording.statements().first_broken_change()
    except RecsysRoiError:
        return  # said above the page
    with st.expander(f"Audit trail: {words.counted(len(changes), 'change')}", icon=":material/history:"):
        if broken is not None:
            layout.problem(f"Change {broken + 1} was altered after it was written. Ask who has the file.")
        layout.say(
            "Each change carries a hash over itself and the one before it: none can be taken out unseen."
        )
        if not changes:
            return
        layout.long_table(
            pd.DataFrame(
                [
                    {
                        "When": f"{change.at:%Y-%m-%d %H:%M} UTC",
                        "Who": change.who,
                        "What": f"{change.action} {change.subject}",
                        "Written": register.change_text(change),
                        "Hash": change.hash.removeprefix("sha256:")[:12],
                    }
                    for change in reversed(changes)
                ]
            )
        )
        layout.take(
            "Download the trail (.csv)",
            lambda: register.trail_csv(changes),
            f"{state.pilot_name()} trail.csv",
            "download_trail",
        )
