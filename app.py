"""The frame: page list, shared controls, and the link. Everything else is on a page."""

import streamlit as st

from recsys_roi.dashboard import controls, layout, state

st.set_page_config(page_title="RecSys ROI", page_icon=layout.page_icon(), layout="wide")

page = st.navigation(
    [
        st.Page("pages/summary.py", title="Summary", icon=":material/gavel:", url_path="summary", default=True),
        st.Page("pages/logs.py", title="Logs", icon=":material/database:", url_path="logs"),
        st.Page("pages/lift.py", title="Lift", icon=":material/trending_up:", url_path="lift"),
        st.Page("pages/guardrails.py", title="Guardrails", icon=":material/shield:", url_path="guardrails"),
        st.Page("pages/roi.py", title="ROI", icon=":material/payments:", url_path="roi"),
        st.Page("pages/risks.py", title="Risks", icon=":material/warning:", url_path="risks"),
        st.Page("pages/plan.py", title="Plan", icon=":material/checklist:", url_path="plan"),
    ]
)
state.start_session()
controls.sidebar()
layout.link_problem(state.link_problem())
page.run()
state.write_link()
