"""Parts of the Lift and Guardrails pages: what is counted, the lift, its days, slices, run time, formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import controls, layout, reviewing, sections, state, tables, waivers
from recsys_roi.dashboard.showing import show
from recsys_roi.dashboard.text import plain
from recsys_roi.evidence.slices import DAY_KEY
from recsys_roi.render import charts, intervals, words
from recsys_roi.review.document import Guardrail, Kpi, Review, RunTime

COUNTING = ("start", "end", "mature_only", "click_window_hours", "outcome_window_hours", "covariate")
SLICES_KEY = "page_slice_keys"
DAYS_KEY = "page_run_time_days"


def counting(review: Review, kpi: Kpi) -> None:
    """Which requests and outcomes count, and whether that makes the view an exploration."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("What is counted", icon=":material/filter_alt:"):
            for name in COUNTING:
                controls.setting(name)
            if kpi.unit.startswith("money"):
                controls.setting("revenue_cap")
            if kpi.id == "return_rate":
                controls.setting("return_days")
        layout.quiet(words.window_text(review))
    exploring = words.exploring_sentence(state.changes_from_base())
    if exploring:
        st.info(plain(exploring), icon=":material/explore:")


def lift(review: Review, kpi: Kpi) -> None:
    """The interval with its readings."""
    rows = intervals.kpi_rows(kpi)
    with st.container(border=True):
        _lifts(review, rows, "kpi_interval", "How large is the lift?")
        layout.say_if(words.difference_sentence(kpi, review.roi.currency))
        layout.say(words.kpi_sentence(kpi, review.roi.currency))
        layout.say_if(words.fixed_horizon_sentence(kpi))
        layout.say_if(words.adjustment_sentence(kpi))
        layout.say_if(words.capping_sentence(kpi, review.roi.currency))
        layout.say_if(words.false_positive_sentence(kpi))


def path(review: Review, kpi: Kpi) -> None:
    """The lift as it stood each evening, and what is believed of it."""
    said = words.path_sentences(kpi)
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        chart = charts.path_chart(kpi, charts.break_even_line(review), layout.palette())
        layout.figure(chart, "kpi_path", " ".join(said))
    with right, st.container(border=True, height="stretch"):
        layout.heading("What we believe")
        layout.bullets((*words.belief_sentences(kpi), *said))


def beside_recsys_eval(review: Review) -> None:
    """Reports of recsys-eval that came with the logs, beside our figures; nothing where none did."""
    if not review.evaluations:
        return
    with st.container(border=True):
        layout.heading("Beside recsys-eval")
        for note in review.evaluations:
            layout.say(words.report_sentence(note))
            layout.table(tables.side_by_side(note))
        layout.quiet(words.SIDE_BY_SIDE_CAPTION)


def slices(review: Review) -> None:
    """Groups of users as sorted intervals, by the keys a person chooses."""
    with st.container(border=True):
        _slice_keys(review)
        found = intervals.slice_rows(part for part in review.slices if part.relative_lift)
        unknown = [part for part in review.slices if part.relative_lift is None]
        if found:
            _lifts(review, found, "slices", "Does it hold for every group of users?")
        layout.quiet(*words.slice_key_sentences(review))
        if unknown:
            with st.expander(f"{words.counted(len(unknown), 'group')} that cannot be told"):
                layout.table(tables.unknown_slices(unknown))


def _slice_keys(review: Review) -> None:
    names = reviewing.current_names()
    experiment = review.experiment.id if review.experiment else ""
    options = [*names.slice_keys.get(experiment, ()), DAY_KEY]
    show(SLICES_KEY, [key.key for key in review.slice_keys if key.key in options])

    def take() -> None:
        chosen = tuple(st.session_state[SLICES_KEY])
        state.give(slice_keys=chosen or None)

    st.pills(
        "Groups by",
        options,
        selection_mode="multi",
        format_func=plain,
        key=SLICES_KEY,
        on_change=take,
        help="A key that you choose is read from each request; without a choice, from the user's first one.",
    )


def run_time(review: Review) -> None:
    """How long the lifts that matter take, and what any number of days would show."""
    found = review.run_time
    if found is None:
        return
    with st.container(border=True):
        goals = [goal for goal in (charts.break_even_line(review), _least(review)) if goal is not None]
        layout.figure(
            charts.run_time_chart(found, goals, layout.palette()),
            "run_time",
            " ".join(words.run_time_sentences(review)),
        )
        layout.bullets(words.run_time_sentences(review))
        _slide_days(review, found)


def _least(review: Review) -> charts.Reference | None:
    lift = float(review.inputs.scenario["min_effect"])
    return charts.Reference(value=lift, label=f"worth shipping {words.percent(lift)}") if lift > 0 else None


def _slide_days(review: Review, found: RunTime) -> None:
    by_day = {point.days: point for point in found.curve}
    days = review.experiment.window.days if review.experiment else 0
    nearest = min(by_day, key=lambda day: abs(day - days))
    chosen = st.select_slider("Days from the start", list(by_day), value=nearest, key=DAYS_KEY)
    layout.say(words.detectable_sentence(by_day[chosen]))


def guardrail(found: Guardrail, review: Review) -> None:
    """One guardrail: status, both arms with the sentence, what was accepted, single days, its limit."""
    name = words.capitalised(words.guardrail_name(found.id))
    with st.container(border=True):
        badge, figures, days, limit = st.columns([5, 8, 6, 6], vertical_alignment="center")
        with badge:
            layout.heading(name)
            layout.badge(found.status)
        with figures:
            sections.guardrail_figures(found)
            layout.say(words.guardrail_sentence(found))
            waivers.of_guardrail(found, review)
        if found.trend:
            with days:
                chart = charts.trend_chart(found, layout.palette())
                layout.figure(chart, f"trend_{found.id}", words.trend_alt(found))
        with limit:
            controls.margin(found.id)
            if found.id == "slow_share":
                controls.setting("slow_threshold_ms")


def formulas(page: Literal["lift", "guardrails"]) -> None:
    """Each figure's formula and its source."""
    rows = [
        {"Figure": one.figure, "Formula": one.formula, "Source": one.source}
        for one in words.FORMULAS
        if one.page == page
    ]
    with st.expander("Formulas and their sources"):
        layout.table(pd.DataFrame(rows))


def _lifts(review: Review, rows: Sequence[charts.IntervalRow], key: str, title: str) -> None:
    """Lifts against no change and the lift that pays for itself."""
    line, colours = charts.break_even_line(review), layout.palette()
    chart = charts.interval_chart(rows, "relative_lift", "no change", line, palette=colours, title=title)
    layout.figure(chart, key, words.intervals_alt(rows))
