"""What every page is made of: sentences, tiles, figures, tables, badges, messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import unescape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from recsys_roi.dashboard import recording, state
from recsys_roi.dashboard.text import plain
from recsys_roi.places import app_folder
from recsys_roi.render import words
from recsys_roi.render.pack.paper.still import still_svg
from recsys_roi.render.palette import Palette, palette_of
from recsys_roi.review.document import Review

BADGE_COLOURS = {"ok": "green", "watch": "orange", "act": "red", "cannot_tell": "gray"}
BADGE_AND_TEXT = (1, 6)


def page_icon() -> str:
    """A local picture, since a :material/: page icon is fetched from the internet."""
    return str(app_folder() / "static" / "icon.png")


def wordmark() -> str:
    """The product's name as a picture, in the letters of the theme."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return str(app_folder() / "static" / f"wordmark-{theme}.svg")


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


def quiet(*lines: str) -> None:
    """Small lines of provenance."""
    st.markdown("  \n".join(f":small[{plain(line)}]" for line in lines))


def heading(text: str) -> None:
    """A heading inside a page."""
    st.markdown(f"## {plain(text)}")


def small_heading(text: str) -> None:
    """A heading below one."""
    st.markdown(f"### {plain(text)}")


def bullets(sentences: Iterable[str]) -> None:
    """A list of sentences."""
    st.markdown("\n".join(f"- {plain(text)}" for text in sentences))


def badge(status: str, word: str | None = None) -> None:
    """A status as icon, word and colour."""
    mark = words.status_mark(status)
    st.badge(word or mark.word, icon=mark.icon, color=BADGE_COLOURS[mark.tone])  # type: ignore[arg-type]


def marked(status: str, word: str | None, markdown: str) -> None:
    """A status, and beside it what it is the status of."""
    mark, text = st.columns(BADGE_AND_TEXT, vertical_alignment="center")
    with mark:
        badge(status, word)
    text.markdown(markdown)


def take(
    label: str, content: str | bytes | Callable[[], str | bytes], name: str, key: str, **more: Any
) -> None:
    """A file to take away; one made by a function is made when it is asked for. The page stays as it is."""
    more = {"icon": ":material/download:", **more}
    st.download_button(label, content, file_name=name, key=key, on_click="ignore", **more)


def figure(chart: go.Figure, key: str, alt: str) -> None:
    """A chart with its reading for those who do not see it."""
    st.plotly_chart(chart, key=key, theme=None, config={"displayModeBar": False, "responsive": True}, alt=alt)


def still(chart: go.Figure, alt: str, *, height: int, widths: tuple[int, ...]) -> None:
    """A chart as a picture, with its heading as text; drawn here, so that no page waits for plotly.

    `widths` are the pixels it is drawn for; the browser takes the drawing that fits.
    """
    chart.update_layout(height=height)
    title = chart.layout.title
    under = f"  \n:small[{plain(unescape(title.subtitle.text))}]" if title.subtitle.text else ""
    st.markdown(f"## {plain(unescape(title.text))}{under}")
    st.image(_drawn(chart.to_json(), widths, _chart=chart), width="stretch", alt=alt)


@st.cache_data(max_entries=256, show_spinner=False)
def _drawn(spec: str, widths: tuple[int, ...], *, _chart: go.Figure) -> str:
    return still_svg(_chart, widths=widths)


def table(frame: pd.DataFrame) -> None:
    """A table that wraps its text, without row numbers."""
    st.table(frame.map(_cell), hide_index=True, border="horizontal")


def long_table(frame: pd.DataFrame) -> None:
    """Many rows in a box that scrolls; its cells are shown letter by letter."""
    st.dataframe(frame, hide_index=True, width="stretch")


def _cell(value: object) -> str:
    return plain(str(value))


def tiles(found: Sequence[words.Tile]) -> None:
    """Figures side by side, all of one height."""
    for column, tile in zip(st.columns(len(found)), found, strict=True):
        column.metric(
            tile.label,
            tile.value,
            tile.note or None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )


def messages() -> None:
    """What the reader must know before the page: a link or a setting that could not be used."""
    if state.link_problem():
        st.warning(plain(state.link_problem() or ""), icon=":material/link_off:")
    unread = recording.problem()
    if unread:
        st.warning(
            f"{plain(unread)} Waivers, attestations and saved scenarios are left out.",
            icon=":material/edit_off:",
        )
    refused = state.refused()
    if refused:
        st.warning(f"{plain(refused)} Nothing was changed.", icon=":material/block:")


def problem(text: str | None) -> None:
    """What keeps a review from being made."""
    st.error(plain(text or "There is nothing to show."), icon=":material/error:")


def alarm(review: Review) -> None:
    """A possible outage stays red, whatever else is grey; then what forbids relying on the figures."""
    incident = words.incident_sentence(review)
    if incident:
        st.error(plain(incident), icon=":material/emergency_home:")
    doubt = words.doubtful_choice(review)
    if doubt:
        st.warning(plain(doubt), icon=":material/swap_horiz:")
    reliance = words.reliance_sentence(review)
    if reliance:
        st.warning(plain(reliance), icon=":material/report:")
