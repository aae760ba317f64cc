"""Lift: is it real, how sure are we, and what was counted."""

import streamlit as st

from recsys_roi.dashboard import frame, layout, sections, tables
from recsys_roi.render import charts, intervals, words

frame.start_page("Is the lift real?")
review = layout.require_review()
kpi = review.primary
if kpi is None or review.experiment is None:
    layout.nothing_measured()
    st.stop()

layout.alarm(review)
sections.arms(review, kpi)
break_even = sections.break_even_line(review)
rows = intervals.kpi_rows(kpi)
with st.container(border=True):
    layout.figure(
        charts.interval_chart(
            rows,
            "relative_lift",
            "no change",
            break_even,
            palette=layout.palette(),
            title="How large is the lift?",
        ),
        "kpi_interval",
        words.intervals_alt(rows),
    )
    layout.say_if(words.difference_sentence(kpi))
    layout.say(words.kpi_sentence(kpi))
    layout.say_if(words.fixed_horizon_sentence(kpi))

left, right = st.columns([2, 3])
with left, st.container(border=True, height="stretch"):
    layout.heading("What we believe")
    layout.bullets(words.belief_sentences(kpi))
with right, st.container(border=True, height="stretch"):
    layout.heading("All KPIs")
    layout.table(tables.kpis(review))

slices = intervals.slice_rows(part for part in review.slices if part.relative_lift)
unknown = [part for part in review.slices if part.relative_lift is None]
if slices:
    with st.container(border=True):
        layout.figure(
            charts.interval_chart(
                slices,
                "relative_lift",
                "no change",
                break_even,
                palette=layout.palette(),
                title="Does it hold for every group of users?",
            ),
            "slices",
            words.intervals_alt(slices),
        )

if unknown:
    with st.expander(f"{words.counted(len(unknown), 'group')} that cannot be told"):
        layout.table(tables.unknown_slices(unknown))

with st.expander("How sure: sums, design effect and method"):
    layout.table(tables.sums(kpi))
    layout.bullets(tables.method_notes(review, kpi))
