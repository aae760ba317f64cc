"""Parts of pages, each made from a review: the verdict, arms, guardrails, money, checks, criteria."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from recsys_roi.dashboard import layout, reviewing, state, tables
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import RecsysRoiError
from recsys_roi.numerals import full
from recsys_roi.render import charts, pack, words
from recsys_roi.render.intervals import guardrail_rows
from recsys_roi.review.document import Check, ExitCriterion, Guardrail, Kpi, LockedPlanNote, Review
from recsys_roi.verdict.check import ORDER

EXPORTS = (
    ("Report", "review.pdf", pack.PLAIN),
    ("One page to hand round", "one page.pdf", pack.Look(pages="one")),
    ("Summary as a picture", "review.png", pack.Look(scale=2)),
    ("The picture for dark slides", "review dark.png", pack.Look(dark=True, scale=2)),
    ("Slides with charts to edit", "review.pptx", pack.PLAIN),
    ("Workbook with live formulas", "review.xlsx", pack.PLAIN),
    ("Web page that opens offline", "review.html", pack.PLAIN),
    ("Note for a wiki or pull request", "review.md", pack.PLAIN),
    ("Every figure, one table", "review.csv", pack.PLAIN),
    ("Every figure and setting", "review.json", pack.PLAIN),
    ("Decision for the suite", "review.decision.json", pack.PLAIN),
    ("All of these", "review.zip", pack.PLAIN),
)
"""What it is, how the file's name ends, and how it looks."""

REASONS_SHOWN = 3
FLIPS_SHOWN = 3
PICTURE_HEIGHT = 310
PATH_HEIGHT = 216
PICTURE_WIDTHS = (400, 450, 600, 825)
MANY = 2  # surfaces, from which they can stand side by side


def verdict(review: Review) -> None:
    """The banner: headline and sentence; at the right how long it stays open and what it was read from."""
    mark = words.status_mark(review.decision.decision or "plan")
    word, _, said = words.verdict_headline(review).partition(": ")
    with st.container(border=True):
        left, right = st.columns([3, 1], vertical_alignment="center")
        with left:
            st.markdown(f"# :{layout.BADGE_COLOURS[mark.tone]}[{mark.icon} {plain(word)}]: {plain(said)}")
            layout.say(words.verdict_sentence(review))
        with right:
            until = words.badge(review)
            if until:
                st.badge(until, icon=":material/schedule:", color="orange")
            layout.quiet(*words.caption_lines(review), *_changed(review))
    layout.alarm(review)


def _changed(review: Review) -> list[str]:
    """How far the figures are from what was agreed; where nothing was, from what the pilot began with."""
    plan = review.record.plan
    if plan is not None:
        departs = words.counted(len(plan.deviations), "change") if plan.deviations else "No change"
        return [f"{departs} from the locked plan"]
    changed = len(state.changes_from_base())
    return [f"{words.counted(changed, 'change')} from Base"] if changed else []


def why(review: Review) -> None:
    """The first three reasons; the others behind a click."""
    if review.experiment is None:
        _plan_in_short(review)
        return
    layout.small_heading("Why")
    reasons = words.reason_sentences(review)
    layout.bullets(reasons[:REASONS_SHOWN])
    if len(reasons) > REASONS_SHOWN:
        more = words.counted(len(reasons) - REASONS_SHOWN, "more reason")
        with st.expander(more):
            layout.bullets(reasons[REASONS_SHOWN:])
    if "guardrail_unproven" in review.decision.reasons:
        st.page_link(
            "pages/guardrails.py", label="See it, or accept it in writing", icon=":material/edit_note:"
        )
    if "economics_not_set" in review.decision.reasons:
        st.page_link(
            "pages/roi.py", label="Enter or confirm traffic, value and costs", icon=":material/payments:"
        )


def _plan_in_short(review: Review) -> None:
    layout.small_heading("The plan")
    pilot = words.pilot_headline(review)
    layout.bullets([*([pilot] if pilot else []), *words.money_sentences(review)])
    st.page_link("pages/plan.py", label="What to measure and to log", icon=":material/checklist:")


def change(review: Review) -> None:
    """The lines at which the decision would be another one."""
    lines = words.flip_sentences(review)
    if not lines:
        return
    layout.small_heading("What would change it")
    layout.bullets(lines[:FLIPS_SHOWN])
    if len(lines) > FLIPS_SHOWN:
        with st.expander(f"{len(lines) - FLIPS_SHOWN} more"):
            layout.bullets(lines[FLIPS_SHOWN:])


def waiting(review: Review) -> None:
    """What more testing costs and is worth."""
    if review.experiment is not None:
        layout.small_heading("Waiting")
        layout.say(words.waiting_line(review))


def safety(review: Review) -> None:
    """Each chosen guardrail in one line: icon, word, change and limit."""
    if not review.guardrails:
        return
    layout.small_heading("Is anything getting worse?")
    told = []
    for found, row in zip(review.guardrails, guardrail_rows(review.guardrails), strict=True):
        mark = words.status_mark(found.status)
        sign = f":{layout.BADGE_COLOURS[mark.tone]}[{mark.icon} {plain(mark.word)}]"
        told.append(
            f"- {sign}: {plain(words.guardrail_name(found.id))}{plain(f', {row.text}' if row.text else '')}"
        )
    st.markdown("\n".join(told))


def verdict_picture(review: Review) -> None:
    """The lift's range against the lift that pays for itself."""
    layout.still(
        charts.verdict_picture(review, layout.palette()),
        words.verdict_picture_alt(review),
        height=PICTURE_HEIGHT,
        widths=PICTURE_WIDTHS,
    )
    layout.say(words.picture_sentence(review))


def each_evening(review: Review, kpi: Kpi) -> None:
    """The lift as it stood at the end of each day."""
    chart = charts.path_chart(kpi, charts.break_even_line(review), layout.palette())
    chart.update_layout(title_subtitle_text="")  # the picture above says it of the same range
    layout.still(chart, " ".join(words.path_sentences(kpi)), height=PATH_HEIGHT, widths=PICTURE_WIDTHS)


def waits(review: Review) -> None:
    """What waiting is worth: the advised wait, and the most that any test can be worth."""
    layout.heading("What is waiting worth?")
    lines = (words.waiting_line(review), words.knowing_sentence(review), words.run_time_sentence(review))
    layout.bullets(filter(None, lines))


def in_full(review: Review) -> None:
    """Each month's money, and each wait's, as wide as the page: an amount is never cut."""
    if review.roi.months:
        with st.expander("Month by month"):
            layout.table(tables.months(review.roi))
    if review.waiting.rows:
        with st.expander("What waiting is worth, week by week"):
            layout.table(tables.waits(review))


def arms(review: Review, kpi: Kpi) -> None:
    """Both arms' own figures with users and requests."""
    found = review.experiment
    if found is None:
        return
    arms = (
        ("Control", found.control, kpi.control, found.users.control, found.requests.control),
        ("Candidate", found.candidate, kpi.candidate, found.users.candidate, found.requests.candidate),
    )
    layout.tiles(
        [
            words.Tile(
                label=f"{role} ({plain(name)}): {words.kpi_name(kpi.id)}",
                value="Cannot tell" if value is None else words.kpi_value(kpi, value, review.roi.currency),
                note=f"{full(users)} users, {full(requests)} requests",
            )
            for role, name, value, users, requests in arms
        ]
    )


def agreed_plan(review: Review) -> None:
    """Whether the analysis follows the locked plan, and each thing that differs; nothing without a plan."""
    plan, said = review.record.plan, words.locked_plan_sentence(review)
    if plan is None or said is None:
        return
    with st.container(border=True, key="agreed_plan"):
        with st.container(horizontal=True, vertical_alignment="center"):
            layout.badge(*_follows(plan))
            layout.say(said)
        deviations(review)
        layout.quiet(f"Hash of the plan: {plan.fingerprint}")


def _follows(plan: LockedPlanNote) -> tuple[str, str]:
    if plan.deviations:
        return "watch", "Departs from the plan"
    return ("watch", "Locked after the data") if plan.before_data is False else ("ok", "As planned")


def deviations(review: Review) -> None:
    """Each difference from the locked plan: what it says, and what counts; and the locks that came later."""
    plan = review.record.plan
    rows = [words.deviation_row(one, review.roi.currency) for one in (plan.deviations if plan else ())]
    if rows:
        layout.table(pd.DataFrame(rows, columns=["", "The plan says", "The analysis uses"]))
    later = words.later_lock_sentences(review)
    if later:
        layout.bullets(later)


def surfaces(review: Review) -> None:
    """Every surface of the experiment, and what they are worth together, when somebody asks."""
    found = review.experiment
    if found is None or len(reviewing.current_names().surfaces.get(found.id, ())) < MANY:
        return
    with st.container(border=True):
        layout.heading("Every surface")
        if not st.toggle("Show every surface of this experiment", key="every_surface"):
            return
        try:
            programme = reviewing.programme()
        except RecsysRoiError as problem:
            layout.problem(str(problem))
            return
        layout.table(tables.programme(programme))
        layout.bullets(words.programme_sentences(programme))
        layout.quiet(words.PROGRAMME_BASIS)


def guardrail_figures(guardrail: Guardrail) -> None:
    """Control to candidate."""
    if guardrail.control is not None and guardrail.candidate is not None:
        before, after = (words.arm_value(guardrail, v) for v in (guardrail.control, guardrail.candidate))
        st.markdown(f"**{plain(before)} → {plain(after)}**")


def integrity(found: Sequence[Check]) -> None:
    """How many checks passed, then each of them."""
    passed = sum(check.status == "pass" for check in found)
    layout.heading(f"{passed} of {words.counted(len(found), 'check')} passed")
    checks(found)


def checks(found: Iterable[Check]) -> None:
    """Integrity checks, failures first, each with its fix."""
    for check in sorted(found, key=lambda check: ORDER[check.status]):
        fix = f" **{plain(check.fix)}**" if check.fix else ""
        said = f"**{plain(words.check_title(check.id))}.** {plain(check.detail)}{fix}"
        layout.marked(check.status, words.check_status_word(check.status), said)


def criteria(found: Iterable[ExitCriterion]) -> None:
    """Exit criteria, ticked from the data where it can tell."""
    for criterion in found:
        layout.marked(*_met(criterion), f"**{plain(criterion.title)}.** {plain(criterion.evidence)}")


def _met(criterion: ExitCriterion) -> tuple[str, str]:
    if criterion.met is None:
        return "cannot_tell", "To be stated" if criterion.statements else "Cannot tell"
    return ("pass", "Met") if criterion.met else ("fail", "Not met")


def take_away(review: Review) -> None:
    """The export menu, the link that reopens exactly this view, and what the figures come from."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Export", icon=":material/download:"):
            for label, name, look in EXPORTS:
                ending = pack.ending_of(name) or ""
                layout.take(
                    f"{label} ({ending})",
                    partial(pack.write, review, ending, look),
                    f"{state.pilot_name()} {name}",
                    f"export_{name}",
                    icon=None,
                    type="tertiary",
                )
        with st.popover("Copy link", icon=":material/link:"):
            layout.say("This link reopens exactly this view, with every setting, on this machine.")
            st.code(f"{_base_url()}?{urlencode(state.link_query())}", language=None, wrap_lines=True)
        layout.quiet(*words.provenance_lines(review))


def _base_url() -> str:
    return (st.context.url or "").split("?")[0]
