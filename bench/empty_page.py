"""The least a Streamlit app can be: two pages, a slider, a figure. `bench browser` measures against it."""

import streamlit as st


def first() -> None:
    """A slider and its value."""
    st.title("First")
    months = st.slider("Months", 1, 60, 12, key="side_horizon_months")
    st.metric("Value", f"EUR {months * 1000}")


def second() -> None:
    """Nothing but its title."""
    st.title("Second")


st.set_page_config(layout="wide")
st.navigation([st.Page(first, title="First", default=True), st.Page(second, title="Second")]).run()
