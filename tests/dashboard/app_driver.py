"""Opens the real app.py in Streamlit's own test runner, and reads what a person would read."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "app.py"
PAGES = ("summary", "logs", "lift", "guardrails", "roi", "risks", "plan")
NO_BREAK = "\u00a0"
INVISIBLE = "\u200b"


def open_app(page: str = "summary", **query: str) -> AppTest:
    """The app as a link with this query opens it, on one of its pages."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    return app if page == "summary" else go(app, page)


def go(app: AppTest, page: str) -> AppTest:
    """The same session on another page."""
    return app.switch_page(f"pages/{page}.py").run()


def read(text: str) -> str:
    """Markdown of the app as it is read: escapes, invisible and unbreakable characters taken away."""
    for mark, shown in ((INVISIBLE, ""), (NO_BREAK, " "), ("\\", ""), (":small[", "")):
        text = text.replace(mark, shown)
    return text


def text_of(app: AppTest) -> str:
    """Everything written on the page: sentences, messages, tables and tiles."""
    elements = [*app.main.markdown, *app.main.error, *app.main.warning, *app.main.info, *app.main.success]
    lines = [read(element.value) for element in elements]
    lines += [f"{tile.label} {tile.value} {tile.delta}" for tile in app.main.metric]
    lines += [read(table.value.to_string()) for table in app.main.table]
    lines += [read(code.value) for code in app.main.code]
    lines += [read(expander.label) for expander in app.main.expander]
    return "\n".join(lines)


def tiles(app: AppTest) -> dict[str, tuple[str, str]]:
    """Each tile's value and note by its label."""
    return {tile.label: (tile.value, tile.delta) for tile in app.main.metric}
