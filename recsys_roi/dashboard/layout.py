"""What pages are made of: sentences, tiles, figures, tables, badges. Layout only; words come from render."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from recsys_roi.dashboard.text import plain
from recsys_roi.logs.pilot import Pilot
from recsys_roi.places import app_folder
from recsys_roi.render import note, words
from recsys_roi.render.palette import Palette, palette_of
from recsys_roi.review.document import Check, ExitCriterion, Guardrail, Kpi, Review, Risk, to_json

BADGE_COLOURS = {"ok": "green", "watch": "orange", "act": "red", "cannot_tell": "gray"}
CHECK_ORDER = {"fail": 0, "warn": 1, "not_measurable": 2, "pass": 3}


def page_icon() -> str:
    """A local picture, since a :material/: page icon is fetched from the internet."""
    return str(app_folder() / "pages" / "icon.png")


def palette() -> Palette:
    """The colours of the theme the reader has chosen."""
    return palette_of(st.context.theme.type)


def say(text: str) -> None:
    """One plain sentence."""
    st.markdown(plain(text))


def say_if(text: str | None) -> None:
    """A sentence that may not apply."""
    if text:
        say(text)


def quiet(text: str) -> None:
    """A small line of provenance."""
    st.markdown(f":small[{plain(text)}]")


def heading(text: str) -> None:
    """A heading inside a page."""
    st.markdown(f"#### {plain(text)}")


def bullets(sentences: Iterable[str]) -> None:
    """A list of sentences."""
    st.markdown("\n".join(f"- {plain(text)}" for text in sentences))


def badge(status: str, word: str | None = None) -> None:
    """A status as icon, word and colour."""
    mark = words.status_mark(status)
    st.badge(word or mark.word, icon=mark.icon, color=BADGE_COLOURS[mark.tone])  # type: ignore[arg-type]


def figure(chart: go.Figure, key: str, alt: str) -> None:
    """A chart with its reading for those who do not see it."""
    st.plotly_chart(chart, key=key, theme=None, config={"displayModeBar": False, "responsive": True})
    with st.expander("This picture in words"):
        say(alt)


def table(frame: pd.DataFrame) -> None:
    """A table without its row numbers."""
    st.dataframe(frame, hide_index=True, width="stretch")


def link_problem(problem: str | None) -> None:
    """Says why a link could not be used."""
    if problem:
        st.warning(plain(problem), icon=":material/link_off:")


def problem(text: str | None) -> None:
    """What keeps a review from being made."""
    st.error(plain(text or "There is nothing to show."), icon=":material/error:")


def nothing_measured() -> None:
    """A page that needs logs, in a pilot without."""
    st.info("No logs yet, so nothing is measured.", icon=":material/info:")
    st.page_link("pages/logs.py", label="Add logs", icon=":material/upload:")


def no_logs_yet() -> None:
    """The Logs page of an empty pilot."""
    st.info(
        "This pilot has no logs yet. Add exposure, outcome and assignment logs above, "
        "or choose a sample pilot in the sidebar.",
        icon=":material/info:",
    )


def verdict(review: Review) -> None:
    """The banner: headline, sentence, how long it stays open, and what forbids relying on it."""
    decision = review.decision
    with st.container(border=True):
        left, right = st.columns([3, 1], vertical_alignment="center")
        with left:
            mark = words.status_mark(decision.decision or "cannot_tell")
            st.markdown(f"## {mark.icon} {plain(words.verdict_headline(review))}")
            say(words.verdict_sentence(review))
        with right:
            until = words.badge(review)
            if until:
                st.badge(until, icon=":material/schedule:", color="orange")
            quiet(window(review))
            quiet(f"{words.changes_sentence(review)}.")
    say_alarm(words.incident_sentence(review))
    reliance(review)


def say_alarm(text: str | None) -> None:
    """A red note that stays, whatever else is grey."""
    if text:
        st.error(plain(text), icon=":material/emergency_home:")


def reliance(review: Review) -> None:
    """Do not rely on lift or money where an integrity check failed."""
    text = words.reliance_sentence(review)
    if text:
        st.warning(plain(text), icon=":material/report:")


def window(review: Review) -> str:
    """The data window and the arms, in a line."""
    if review.experiment is None:
        return "Plan only: no logs."
    span = review.experiment.window
    if span.start is None or span.end is None:
        return "No compared request."
    return (
        f"{words.day(span.start)} to {words.day(span.end)} ({words.counted(span.days, 'day')}), "
        f"{review.experiment.control} against {review.experiment.candidate}"
    )


def tiles(review: Review) -> None:
    """The four figures of the meeting."""
    for column, tile in zip(st.columns(4), words.tiles(review), strict=True):
        column.metric(tile.label, tile.value, tile.note, delta_color="off", delta_arrow="off", border=True)


def arms(review: Review, kpi: Kpi) -> None:
    """Both arms' own figures with users and requests."""
    experiment = review.experiment
    if experiment is None:
        return
    columns = st.columns(2)
    for column, role, name, value, users, requests in (
        (columns[0], "Control", experiment.control, kpi.control, experiment.users.control, experiment.requests.control),
        (
            columns[1],
            "Candidate",
            experiment.candidate,
            kpi.candidate,
            experiment.users.candidate,
            experiment.requests.candidate,
        ),
    ):
        shown = "Cannot tell" if value is None else words.kpi_value(kpi, value, review.roi.currency)
        column.metric(
            f"{role} ({plain(name)}): {words.kpi_name(kpi.id)}",
            shown,
            f"{users:,} users, {requests:,} requests",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )


def guardrail_figures(guardrail: Guardrail) -> None:
    """Control to candidate."""
    if guardrail.control is not None and guardrail.candidate is not None:
        before, after = (words.arm_value(guardrail, v) for v in (guardrail.control, guardrail.candidate))
        st.markdown(f"**{plain(before)} → {plain(after)}**")


def formula(review: Review) -> None:
    """The money formula with its live numbers."""
    with st.container(border=True):
        say(words.formula_sentence(review))


def money_tiles(review: Review) -> None:
    """NPV, chance, break-even and payback."""
    roi = review.roi
    chance = "Cannot tell" if roi.p_npv_positive is None else words.chance(roi.p_npv_positive)
    shown = (
        ("Net present value", "Cannot tell" if roi.npv is None else words.tile_money(roi.npv, roi.currency)),
        ("Chance above zero", chance),
        ("Break-even lift", "None" if roi.break_even_lift is None else words.percent(roi.break_even_lift)),
        ("Payback", "Not reached" if roi.payback_months is None else f"{roi.payback_months:.1f} months"),
    )
    for column, (label, value) in zip(st.columns(4), shown, strict=True):
        column.metric(label, value, border=True)


def log_tiles(pilot: Pilot) -> None:
    """Lines, accepted, rejected: good + rejected = lines."""
    lines = sum(file.lines for file in pilot.files)
    accepted = sum(file.accepted for file in pilot.files)
    for column, label, count in zip(
        st.columns(4),
        ("Files", "Lines", "Accepted", "Rejected"),
        (len(pilot.files), lines, accepted, lines - accepted),
        strict=True,
    ):
        column.metric(label, f"{count:,}", border=True)


def checks(found: Iterable[Check]) -> None:
    """Integrity checks, failures first, each with its fix."""
    for check in sorted(found, key=lambda check: CHECK_ORDER[check.status]):
        status, text = st.columns([2, 8], vertical_alignment="center")
        with status:
            badge(check.status, words.check_status_word(check.status))
        with text:
            fix = f" **{plain(check.fix)}**" if check.fix else ""
            st.markdown(f"**{plain(words.check_title(check.id))}.** {plain(check.detail)}{fix}")


def risk_counts(review: Review) -> None:
    """How many risks have each status."""
    for column, status in zip(st.columns(4), ("act", "watch", "cannot_tell", "ok"), strict=True):
        with column:
            count = sum(risk.status == status for risk in review.risks)
            st.metric(words.status_mark(status).word, f"{count}", border=True)


def risk(found: Risk) -> None:
    """One risk: evidence, mitigation, whom to call when."""
    mark = words.status_mark(found.status)
    with st.expander(f"{mark.icon} {mark.word}: {plain(found.title)}"):
        say(found.evidence)
        bullets(
            (
                f"Lower it: {found.mitigation}",
                f"Escalate: {found.escalation}",
                f"Owner: {found.owner or 'nobody is named'}. Due: {found.due or 'no date'}.",
                f"Read: {found.document}",
            )
        )
        st.page_link(f"pages/{found.page.lower()}.py", label=f"See the evidence on {found.page}")


def phase(review: Review) -> None:
    """Where the pilot stands."""
    say(f"Phase: {review.plan.phase}.")


def criteria(found: Iterable[ExitCriterion]) -> None:
    """Exit criteria, ticked from the data where it can tell."""
    words_of: Mapping[bool | None, tuple[str, str]] = {
        True: ("pass", "Met"),
        False: ("fail", "Not met"),
        None: ("cannot_tell", "To be stated"),
    }
    for criterion in found:
        status, text = st.columns([2, 8], vertical_alignment="center")
        with status:
            badge(*words_of[criterion.met])
        with text:
            st.markdown(f"**{plain(criterion.title)}.** {plain(criterion.evidence)}")


def take_away(review: Review, query: Mapping[str, str]) -> None:
    """Downloads, and the link that reopens exactly this view."""
    with st.container(border=True):
        left, middle, right = st.columns([1, 1, 4], vertical_alignment="center")
        left.download_button(
            "Note (.md)", note.to_markdown(review), file_name="review.md", on_click="ignore", width="stretch"
        )
        middle.download_button(
            "Data (.json)", to_json(review), file_name="review.json", on_click="ignore", width="stretch"
        )
        with right:
            st.code(f"{_base_url()}?{urlencode(query)}", language=None, wrap_lines=False)


def _base_url() -> str:
    return (st.context.url or "").split("?")[0]


def provenance(review: Review) -> None:
    """What the figures come from."""
    files = "; ".join(f"{file.name} {file.hash[:18]}" for file in review.inputs.files)
    quiet(
        f"Made {review.made_at} by {review.software.name} {review.software.version}. "
        f"{window(review)}. Files: {files or 'none'}."
    )
    if review.experiment is not None and review.experiment.notes:
        quiet(f"Chosen for you: {'; '.join(review.experiment.notes)}.")
