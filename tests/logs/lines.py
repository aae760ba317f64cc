"""Good records of each contract, and strategies that spoil them."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from recsys_roi.logs.contracts import CONTRACTS, KINDS

EXPOSURE, OUTCOME, ASSIGNMENT = KINDS

Record = dict[str, Any]


def exposure(number: int = 0, **changes: Any) -> Record:
    return {
        "request_id": f"req-{number}",
        "user_id": f"user-{number % 97}",
        "ts": f"2026-01-{number % 28 + 1:02d}T12:00:00.25Z",
        "items": [
            {"item_id": f"item-{number % 31}", "rank": 1, "propensity": 0.5},
            {"item_id": "b", "rank": 2},
        ],
        "context": {"surface": "home"},
        "latency_ms": 12.5,
        "error": False,
    } | changes


def outcome(number: int = 0, **changes: Any) -> Record:
    return {
        "request_id": f"req-{number}",
        "user_id": f"user-{number % 97}",
        "item_id": "b",
        "event_type": "click",
        "ts": "2026-01-02T03:04:05+02:00",
        "value": 1.5,
    } | changes


def assignment(number: int = 0, **changes: Any) -> Record:
    return {
        "experiment_id": "exp",
        "variant": "control" if number % 2 else "candidate",
        "request_id": f"req-{number}",
        "user_id": f"user-{number % 97}",
        "ts": "2026-01-02T03:04:05Z",
    } | changes


MAKERS: dict[str, Callable[..., Record]] = {EXPOSURE: exposure, OUTCOME: outcome, ASSIGNMENT: assignment}


def line_of(kind: str, number: int = 0, **changes: Any) -> bytes:
    """A good record of that kind with some fields changed, as one line without its line feed."""
    return json.dumps(MAKERS[kind](number, **changes)).encode()


TOKENS = (
    "null true false 0 -0 1 1.0 1e0 10E-1 1.5 -1 01 1. .5 +1 NaN Infinity -Infinity 1e400 -1e400 1e-400 "
    "9223372036854775807 9223372036854775808 9.3e18 1e22 18446744073709551616 " + "1" * 40 + " " + "9" * 400 +
    ' [] {} "" "a" "null" "click" "dwell" "view" "2026-01-02T03:04:05Z" "2024-02-29T03:04:05.5-01:30" '
    '"2026-02-29T00:00:00Z" "\\ud800" "\\ud83d\\ude00" "\\u0000" "\\x" "é" {"a":"b"} {"a":1} {"a":null} '
    '{"a":"b","\\u0061":"b"} [{"item_id":"a","rank":1,"rank":1}] '
    '[{"item_id":"a","rank":1}] [{"item_id":"a","rank":2.0,"propensity":null}] [{"item_id":"a","rank":2.5}] '
    '[{"item_id":"a","rank":1.0},{"item_id":"b","rank":9223372036854775807}] [{"item_id":"","rank":1}]'
).split(" ")  # fmt: skip
NAMES = sorted({field.name for kind in KINDS for field in CONTRACTS[kind].fields} | {"rank", "propensity"})
GOOD_VALUES = {
    "request_id": '"r"',
    "user_id": '"u"',
    "ts": '"2026-01-02T03:04:05Z"',
    "item_id": '"i"',
    "event_type": '"click"',
    "experiment_id": '"e"',
    "variant": '"v"',
    "items": '[{"item_id":"i","rank":1}]',
    "context": '{"surface":"home"}',
    "latency_ms": "1",
    "error": "true",
    "value": "2.5",
}


@st.composite
def spoiled_lines(draw, kinds=KINDS):
    """(kind, line): fields replaced, dropped, added or written twice, in any layout, and broken bytes."""
    kind = draw(st.sampled_from(kinds))
    fields = [(field.name, GOOD_VALUES[field.name]) for field in CONTRACTS[kind].fields]
    values = st.one_of(
        st.sampled_from(TOKENS), st.text(max_size=5).map(json.dumps), st.floats().map(json.dumps)
    )
    changed = draw(
        st.dictionaries(st.sampled_from([*(name for name, _ in fields), *NAMES]), values, max_size=2)
    )
    fields = [(name, changed.pop(name, value)) for name, value in fields] + list(changed.items())
    for name in draw(st.lists(st.sampled_from(sorted(dict(fields))), max_size=1)):
        fields = [field for field in fields if field[0] != name]
    if draw(st.integers(0, 9)) == 0:
        fields.append((draw(st.sampled_from(fields))[0], draw(values)))
    space = draw(st.sampled_from(["", " ", "\t", "\r"]))
    text = (space + "{" + ",".join(f'"{k}"{space}:{space}{v}' for k, v in fields) + "}" + space).encode()
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.binary(max_size=2)) + text[at + draw(st.integers(0, 2)) :]
    return kind, text


def good_lines(kind):
    """Lines that the contract of `kind` accepts, with values from the edges of what it allows."""
    text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
    moment = st.sampled_from(
        [
            "2026-01-02T03:04:05Z",
            "2026-01-02t03:04:05.1234567z",
            "2024-02-29T23:59:59.000001+14:00",
            "1969-12-31T23:59:59.999999-23:59",
        ]
    )
    amount = st.floats(0, 1e300) | st.integers(0, 2**53)
    item = st.fixed_dictionaries(
        {"item_id": text, "rank": st.integers(1, 2**63 - 1) | st.just(3.0)},
        optional={"propensity": amount, "logging_propensity": amount, "target_propensity": st.none()},
    )
    context = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), text, max_size=3)
    of_type = {
        "string": text,
        "timestamp": moment,
        "event_type": st.sampled_from(["click", "conversion", "dwell", "start"]),
        "number": amount,
        "boolean": st.booleans(),
        "object of strings": context,
        "array of objects": st.lists(item, max_size=3),
    }
    fields = CONTRACTS[kind].fields
    return st.builds(
        lambda record, ascii_only: json.dumps(record, ensure_ascii=ascii_only).encode(),
        st.fixed_dictionaries(
            {field.name: of_type[field.type] for field in fields if field.required},
            optional={field.name: of_type[field.type] | st.none() for field in fields if not field.required},
        ),
        st.booleans(),
    )
