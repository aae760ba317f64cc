"""Somebody at the app over its websocket, without a browser: the same messages that a browser sends.

Every byte that the server sends is kept, so that a test can say of a name that it was never sent.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

WAIT_SECONDS = 120
RUN_DONE = {ForwardMsg.FINISHED_SUCCESSFULLY}


class Session:
    """One session of the app; use it in a `with`."""

    def __init__(self, base: str, headers: Mapping[str, str] | None = None) -> None:
        """`base` is the app's address; `headers` are those that a reverse proxy would add."""
        self.base, self.headers = base, dict(headers or {})
        self.sent_to_us: list[bytes] = []
        self.widgets: dict[str, WidgetState] = {}
        self.elements: list[object] = []
        self.failures: list[str] = []
        self.query = ""
        self.page = ""
        self.id = ""  # as the server knows this session
        self.figures_at = 0.0  # when the last tile came, by `time.perf_counter`
        self._opening = connect(
            f"{base.replace('http', 'ws', 1)}/_stcore/stream",
            additional_headers=self.headers,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            open_timeout=WAIT_SECONDS,
        )
        self.socket = self._opening.__enter__()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Closes the window."""
        self._opening.__exit__(None, None, None)

    def open(self, page: str = "", query: str = "") -> Session:
        """A page by its address and query, as a link opens it."""
        self.page, self.query = page, query
        return self.run()

    def run(self) -> Session:
        """Runs the script with the widgets as they stand, until it has ended."""
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_name = self.page
        asked.rerun_script.context_info.url = f"{self.base}/{self.page}"
        asked.rerun_script.context_info.timezone = "UTC"
        asked.rerun_script.widget_states.widgets.extend(self.widgets.values())
        self.socket.send(asked.SerializeToString())
        self.elements = []
        self._read_until_done()
        return self

    def _read_until_done(self) -> None:
        while True:
            data = self.socket.recv(timeout=WAIT_SECONDS)
            assert isinstance(data, bytes)
            self.sent_to_us.append(data)
            message = ForwardMsg()
            message.ParseFromString(data)
            if self._take(message):
                return

    def _take(self, message: ForwardMsg) -> bool:
        """Whether the run has ended."""
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            self.elements.append(element)
            if element.WhichOneof("type") == "metric":
                self.figures_at = time.perf_counter()
            if element.WhichOneof("type") == "exception":
                self.failures.append(element.exception.message)
        if kind == "new_session":
            self.id = message.new_session.initialize.session_id
        if kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        if kind == "delta" and "Something went wrong" in str(message.delta):
            self.failures.append("a page ended early")
        return kind == "script_finished" and message.script_finished in RUN_DONE

    def find(self, kind: str, key: str) -> object:
        """The widget of that kind whose id ends with the key that the page gave it."""
        for element in self.elements:
            if element.WhichOneof("type") == kind:  # type: ignore[attr-defined]
                found = getattr(element, kind)
                if found.id.endswith(f"-{key}"):
                    return found
        raise AssertionError(f"No {kind} {key!r} on the page.")

    def has(self, kind: str, key: str) -> bool:
        """Whether the page has that widget."""
        try:
            self.find(kind, key)
        except AssertionError:
            return False
        return True

    def put(self, kind: str, key: str, **value: object) -> Session:
        """Gives a widget a value and runs; a press of a button holds for one run."""
        found = self.find(kind, key)
        self.keep(found, **value)
        self.run()
        if "trigger_value" in value:
            del self.widgets[found.id]  # type: ignore[attr-defined]
        return self

    def keep(self, widget: object, **value: object) -> None:
        """Gives a widget a value that goes along with the next run."""
        state = WidgetState(id=widget.id, **value)  # type: ignore[attr-defined]
        self.widgets[state.id] = state

    def press(self, label: str) -> Session:
        """The button with these words, such as that of a form."""
        for element in self.elements:
            if element.WhichOneof("type") == "button" and element.button.label == label:  # type: ignore[attr-defined]
                self.keep(element.button, trigger_value=True)  # type: ignore[attr-defined]
                self.run()
                del self.widgets[element.button.id]  # type: ignore[attr-defined]
                return self
        raise AssertionError(f"No button {label!r} on the page.")

    def was_sent(self, text: str) -> bool:
        """Whether the server ever sent these letters to this session."""
        return any(text.encode() in data for data in self.sent_to_us)

    def texts(self) -> str:
        """Markdown, messages and titles of the last run."""
        found = []
        for element in self.elements:
            kind = element.WhichOneof("type")  # type: ignore[attr-defined]
            if kind in {"markdown", "alert", "heading"}:
                found.append(getattr(element, kind).body)
        return "\n".join(found).replace("\\", "").replace("\u200b", "").replace("\u00a0", " ")


def status_of(url: str, headers: Mapping[str, str] | None = None) -> int:
    """The status that a plain request gets."""
    return httpx.get(url, headers=dict(headers or {}), timeout=WAIT_SECONDS).status_code
