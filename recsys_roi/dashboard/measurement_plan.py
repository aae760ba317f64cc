"""Parts of the Plan page: what is chosen, the document that is written from it, its files, and the phases."""

from __future__ import annotations

import re

import streamlit as st

from recsys_roi.dashboard import controls, layout, register_dialogs, sections, state, widgets
from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.render import words
from recsys_roi.render.plan.document import plan_markdown
from recsys_roi.render.plan.kit import starter_kit
from recsys_roi.review.document import Review
from recsys_roi.value.settings import KPIS_OF_NEW_USERS, NEW_USERS_SETTING, SETTINGS, TRAFFIC_SETTING
from recsys_roi.verdict.logging_needs import DOMAINS

HEADING = re.compile(r"^(#+ )", re.MULTILINE)
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TICK = re.compile(r"^- \[([x ])\] ", re.MULTILINE)
TICKS = {"x": "- :material/check_box: **Met.** ", " ": "- :material/check_box_outline_blank: **Open.** "}
DOCUMENT_HEIGHT = 780  # pixels: as high as the steps beside it
NAMES = ("surface", "experiment", "control", "candidate")
SIZE = ("pilot_share", "candidate_share", "expected_lift")
ASSUMED = ("expected_lift_sd", "baseline_kpi", "design_effect", "kpi_variation")
RULE = (
    *("min_days", "planned_end", "alpha", "guardrail_alpha", "power", "decision_rule", "p_npv_required"),
    *("harm_threshold", "planned_users", "prior_sd", "pilot_cost_per_week", "artifact_interval_hours"),
)


def design(review: Review) -> None:
    """What is measured, and which limits hold."""
    controls.setting("domain")
    _kpi(review)
    has_logs = bool(state.current_pilot().files)
    if not has_logs:
        controls.setting("surface")
    for name in ("min_effect", *_windows(review)):
        controls.setting(name)
    controls.setting("guardrails")
    for chosen in state.scenario().guardrails:
        if chosen in GUARDRAILS:
            controls.margin(chosen)
    if not has_logs:
        with st.expander("Names in the logs"):
            for name in NAMES[1:]:
                controls.setting(name)


def _kpi(review: Review) -> None:
    """The KPIs of the product first; where one of another kind was chosen, it stays in the list."""
    usual = DOMAINS.get(state.scenario().domain or "other", tuple(KPIS))
    chosen = controls.money_kpi(review)
    others = tuple(kpi for kpi in KPIS if kpi not in usual)
    widgets.chooser(
        SETTINGS["kpi"],
        "page",
        (*usual, *others),
        chosen,
        label="Primary KPI, one a surface",
        text=lambda kpi: words.capitalised(words.kpi_name(kpi)),
        help_=f"{KPIS[chosen].needs}." if chosen in KPIS else None,
    )


def _windows(review: Review) -> tuple[str, ...]:
    """The settings that say until when an outcome counts for the chosen KPI."""
    kpi = KPIS.get(controls.money_kpi(review) or "")
    window = None if kpi is None else kpi.window
    return {"click": ("click_window_hours",), "outcome": ("outcome_window_hours",)}.get(
        window or "", ("return_days",)
    )


def size(review: Review) -> None:
    """How long the pilot must run, and what that is counted from."""
    layout.say_if(words.length_sentence(review))
    pilot = review.plan.pilot
    if pilot is not None:
        layout.bullets((*words.pilot_sentences(pilot), *words.doubt_sentences(pilot)))
        if pilot.assumptions:
            layout.quiet(words.basis_sentence(pilot))
    new_users = controls.money_kpi(review) in KPIS_OF_NEW_USERS
    measured = pilot is not None and pilot.basis == "measured"
    controls.setting(NEW_USERS_SETTING if new_users else TRAFFIC_SETTING)
    for name in SIZE if measured else (*SIZE, *ASSUMED):
        controls.setting(name)


def rule() -> None:
    """When and how it is decided."""
    for name in RULE:
        controls.setting(name)


def document(review: Review) -> None:
    """The plan as it reads now."""
    with st.container(border=True, height=DOCUMENT_HEIGHT, key="plan_document"):
        for at, part in enumerate(FENCE.split(plan_markdown(review))):
            if at % 2:
                st.code(part, language="json", wrap_lines=True)
            else:
                st.markdown(_below_the_page(part))


def _below_the_page(text: str) -> str:
    """Markdown under the page's own title: headings one level down, boxes that a screen reader can read."""
    return TICK.sub(lambda box: TICKS[box.group(1)], HEADING.sub(r"#\1", text))


def take_away(review: Review) -> None:
    """The document and the starter kit as files."""
    with st.container(horizontal=True, vertical_alignment="center"):
        layout.take(
            "Plan (.md)", lambda: plan_markdown(review), f"{state.pilot_name()} plan.md", "download_plan"
        )
        layout.take(
            "Starter kit (.zip)",
            lambda: starter_kit(review),
            f"{state.pilot_name()} starter kit.zip",
            "download_kit",
            icon=":material/construction:",
            help="For whoever builds the loggers: valid example files, and the check for their own build.",
        )


def phases(review: Review) -> None:
    """Where the pilot stands: each phase with what ends it, the one that is open unfolded."""
    layout.heading("Where the pilot stands")
    layout.say(f"By the calendar: {review.plan.phase}. {words.next_phase_sentence(review)}")
    first_open = next((phase.id for phase in review.plan.phases if not phase.done), None)
    for phase in review.plan.phases:
        met = sum(bool(one.met) for one in phase.criteria)
        colour, icon = ("green", ":material/check_circle:") if phase.done else ("gray", ":material/pending:")
        label = f":{colour}-badge[{icon} {met} of {len(phase.criteria)}] {phase.weeks}: {phase.title}"
        with st.expander(label, expanded=phase.id == first_open, key=f"phase_{phase.id}"):
            for criterion in phase.criteria:
                sections.criteria([criterion])
                if criterion.statements and st.button(
                    "State it", key=f"meet_{criterion.id}", icon=":material/task_alt:", type="tertiary"
                ):
                    register_dialogs.statement(criterion)
