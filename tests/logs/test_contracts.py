"""The strict checker against planted errors, and the fast form against the strict checker."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recsys_roi.logs.checking import errors_of, repeats_a_key
from recsys_roi.logs.contracts import CONTRACTS, KINDS, MEANINGS, Reason
from recsys_roi.logs.decoding import Decoder, accepts
from tests.logs.lines import ASSIGNMENT, EXPOSURE, OUTCOME, good_lines, spoiled_lines

LIMIT = 16 * 2**20

SPOILED = [
    (EXPOSURE, {"request_id": ""}, [("request_id", "null_or_empty")]),
    (EXPOSURE, {"request_id": None}, [("request_id", "null_or_empty")]),
    (EXPOSURE, {"request_id": 123}, [("request_id", "wrong_type")]),
    (EXPOSURE, {"user_id": ["u"]}, [("user_id", "wrong_type")]),
    (EXPOSURE, {"items": None}, [("items", "null_or_empty")]),
    (EXPOSURE, {"items": {"item_id": "a", "rank": 1}}, [("items", "wrong_type")]),
    (EXPOSURE, {"items": ["a"]}, [("items[0]", "wrong_type")]),
    (
        EXPOSURE,
        {"items": [{"item_id": "a", "rank": 1}, {"rank": 2}]},
        [("items[1].item_id", "missing_field")],
    ),
    (EXPOSURE, {"items": [{"item_id": "a", "rank": 0}]}, [("items[0].rank", "out_of_range")]),
    (EXPOSURE, {"items": [{"item_id": "a", "rank": "1"}]}, [("items[0].rank", "wrong_type")]),
    (EXPOSURE, {"items": [{"item_id": "a", "rank": 1.6}]}, [("items[0].rank", "wrong_type")]),
    (EXPOSURE, {"items": [{"item_id": "a", "rank": True}]}, [("items[0].rank", "wrong_type")]),
    (EXPOSURE, {"items": [{"item_id": "a", "rank": 2**63}]}, [("items[0].rank", "out_of_range")]),
    (EXPOSURE, {"items": [{"item_id": "a", "rank": 1, "score": 2}]}, [("items[0].score", "unknown_key")]),
    (
        EXPOSURE,
        {"items": [{"item_id": "a", "rank": 1, "propensity": -0.1}]},
        [("items[0].propensity", "out_of_range")],
    ),
    (EXPOSURE, {"context": {"surface": {"name": "home"}}}, [("context.surface", "wrong_type")]),
    (
        EXPOSURE,
        {"context": {"surface": 1, "device": None}},
        [("context.surface", "wrong_type"), ("context.device", "wrong_type")],
    ),
    (EXPOSURE, {"context": "home"}, [("context", "wrong_type")]),
    (EXPOSURE, {"latency_ms": -1}, [("latency_ms", "out_of_range")]),
    (EXPOSURE, {"latency_ms": "12"}, [("latency_ms", "wrong_type")]),
    (EXPOSURE, {"error": "false"}, [("error", "wrong_type")]),
    (EXPOSURE, {"error": 0}, [("error", "wrong_type")]),
    (EXPOSURE, {"surface": "home"}, [("surface", "unknown_key")]),
    (EXPOSURE, {"ts": 1767322800}, [("ts", "wrong_type")]),
    (OUTCOME, {"event_type": "view"}, [("event_type", "unknown_event_type")]),
    (OUTCOME, {"event_type": "Click"}, [("event_type", "unknown_event_type")]),
    (OUTCOME, {"event_type": ""}, [("event_type", "null_or_empty")]),
    (OUTCOME, {"value": "9.99"}, [("value", "wrong_type")]),
    (OUTCOME, {"item_id": None, "value": True}, [("item_id", "null_or_empty"), ("value", "wrong_type")]),
    (ASSIGNMENT, {"variant": ""}, [("variant", "null_or_empty")]),
    (
        ASSIGNMENT,
        {"experiment_id": 1, "ts": "", "arm": "a"},
        [("experiment_id", "wrong_type"), ("ts", "null_or_empty"), ("arm", "unknown_key")],
    ),
]

GOOD = [
    (EXPOSURE, {"items": []}),
    (EXPOSURE, {"items": [{"item_id": "a", "rank": 1.0}]}),
    (EXPOSURE, {"items": [{"item_id": "a", "rank": 2**63 - 1, "propensity": 0}]}),
    (EXPOSURE, {"context": {}}),
    (EXPOSURE, {"context": {"": "", "any key": "\u0000 ok \U0001f600"}}),
    (EXPOSURE, {"context": None, "latency_ms": None, "error": None}),
    (EXPOSURE, {"latency_ms": 0}),
    (OUTCOME, {"value": -3}),
    (OUTCOME, {"event_type": "dwell", "value": None}),
    (ASSIGNMENT, {"context": {"device": "ios"}}),
]

GOOD_TIMES = [
    "2026-01-02T03:04:05Z",
    "2026-01-02t03:04:05z",
    "2026-01-02T03:04:05.123456789Z",
    "2024-02-29T00:00:00+14:00",
    "2000-02-29T23:59:59-00:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
]
BAD_TIMES = [
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05",
    "2026-01-02",
    "2026-01-02T03:04:05+0200",
    "2026-01-02T03:04:05+24:00",
    "2026-02-30T03:04:05Z",
    "2025-02-29T03:04:05Z",
    "1900-02-29T03:04:05Z",
    "2026-04-31T03:04:05Z",
    "2026-13-01T03:04:05Z",
    "2026-00-01T03:04:05Z",
    "2026-01-00T03:04:05Z",
    "2026-01-02T24:00:00Z",
    "2026-01-02T03:60:00Z",
    "2026-12-31T23:59:60Z",
    "2026-01-02T03:04Z",
    "2026-01-02T03:04:05.Z",
    "2026-01-02T03:04:05,5Z",
    "2026-01-02T03:04:05Z\n",
    " 2026-01-02T03:04:05Z",
    "٢٠٢٦-01-02T03:04:05Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "yesterday",
]

UNREADABLE = [
    (b"", "blank_line"),
    (b" \t\r", "blank_line"),
    (b"{", "not_json"),
    (b"{'request_id': 'a'}", "not_json"),
    (b'{"a": 1,}', "not_json"),
    (b'{"a": 01}', "not_json"),
    (b'{"value": NaN}', "not_json"),
    (b'{"value": -Infinity}', "not_json"),
    (b'{"a": "b"} {"a": "b"}', "not_json"),
    (b"\xef\xbb\xbf{}", "not_json"),
    (b"[" * 100_000, "not_json"),
    (b"[]", "not_object"),
    (b"null", "not_object"),
    (b'"text"', "not_object"),
    (b'{"a": "\xff"}', "not_utf8"),
    (b'{"a": "\xed\xa0\x80"}', "not_utf8"),
    (b'"' + b"x" * LIMIT + b'"', "line_too_long"),
]


def found(kind, text):
    return [(error.field, error.reason.value) for error in errors_of(kind, text)]


@pytest.mark.parametrize(("kind", "changes", "errors"), SPOILED)
def test_every_error_of_a_line_is_named(line, kind, changes, errors):
    text = line(kind, **changes)
    assert found(kind, text) == errors
    assert not accepts(kind, text)


@pytest.mark.parametrize(("kind", "changes"), GOOD)
def test_what_the_contract_allows_is_accepted(line, kind, changes):
    text = line(kind, **changes)
    assert found(kind, text) == []
    assert accepts(kind, text)


@pytest.mark.parametrize("time", GOOD_TIMES)
def test_times_of_rfc_3339(line, time):
    assert found(OUTCOME, line(OUTCOME, ts=time)) == []
    assert accepts(OUTCOME, line(OUTCOME, ts=time))


@pytest.mark.parametrize("time", BAD_TIMES)
def test_other_times_are_refused(line, time):
    assert found(OUTCOME, line(OUTCOME, ts=time)) == [("ts", "bad_timestamp")]
    assert not accepts(OUTCOME, line(OUTCOME, ts=time))


@pytest.mark.parametrize(("text", "reason"), UNREADABLE)
@pytest.mark.parametrize("kind", KINDS)
def test_lines_that_are_no_object(kind, text, reason):
    assert found(kind, text) == [("", reason)]
    assert not accepts(kind, text)


@pytest.mark.parametrize("kind", KINDS)
def test_each_required_field_is_missed(record, kind):
    for field in CONTRACTS[kind].fields:
        without = {key: value for key, value in record(kind).items() if key != field.name}
        expected = [(field.name, "missing_field")] if field.required else []
        assert found(kind, json.dumps(without).encode()) == expected


def test_an_empty_object_misses_every_required_field():
    for kind in KINDS:
        required = [field.name for field in CONTRACTS[kind].fields if field.required]
        assert found(kind, b"{}") == [(name, "missing_field") for name in required]


@pytest.mark.parametrize("escape", [b"\\ud800", b"\\udc00", b"\\ud800\\ud800", b"x\\udfff"])
def test_half_of_a_surrogate_pair_is_refused(line, escape):
    for field in (b"user-0", b"home"):
        text = line(EXPOSURE).replace(field, escape)
        assert [reason for _, reason in found(EXPOSURE, text)] == ["not_utf8"]
        assert not accepts(EXPOSURE, text)
    assert accepts(EXPOSURE, line(EXPOSURE).replace(b"user-0", b"\\ud83d\\ude00"))


def test_a_key_written_twice(line):
    text = line(OUTCOME)[:-1] + b', "value": 2}'
    assert found(OUTCOME, text) == [("value", "duplicate_key")]
    nested = line(EXPOSURE).replace(b'"rank": 2', b'"rank": 2, "rank": 2')
    assert found(EXPOSURE, nested) == [("items[1].rank", "duplicate_key")]
    context = line(EXPOSURE).replace(b'"surface": "home"', b'"surface": "home", "surf\\u0061ce": "home"')
    assert found(EXPOSURE, context) == [("context.surface", "duplicate_key")]
    assert all(map(repeats_a_key, (text, nested, context)))
    assert not accepts(OUTCOME, text)
    assert not accepts(EXPOSURE, nested)
    assert not accepts(EXPOSURE, context)
    assert not repeats_a_key(line(EXPOSURE))


QUOTES = [
    '"context": {"a": "\\\\ \\" b"}',
    '"context": {"\\u0022": "\\u0022\\u0022"}',
    '"context": {"\\\\u0022": "x"}',
    '"context": {"a\\u0022": "b", "\\/": ""}',
]


@pytest.mark.parametrize("context", QUOTES)
def test_escaped_quotation_marks_neither_make_nor_hide_a_key_written_twice(line, context):
    text = line(EXPOSURE).replace(b'"context": {"surface": "home"}', context.encode())
    assert found(EXPOSURE, text) == []
    assert accepts(EXPOSURE, text)
    for again in (b'"error": false, "error": false', b'"error": false, "err\\u006fr": true'):
        twice = text.replace(b'"error": false', again)
        assert found(EXPOSURE, twice) == [("error", "duplicate_key")]
        assert not accepts(EXPOSURE, twice)


def test_the_offending_value_is_cut_and_masked(line):
    (error,) = errors_of(OUTCOME, line(OUTCOME, event_type="x" * 5000))
    assert len(error.value) == 200
    (error,) = errors_of(OUTCOME, line(OUTCOME, event_type="mail anna.b@example.org now"))
    assert error.value == "mail [e-mail] now"
    (error,) = errors_of(OUTCOME, line(OUTCOME, **{"anna.b@example.org": "+49 170 1234567"}))
    assert (error.field, error.value) == ("[e-mail]", "[phone]")
    (error,) = errors_of(OUTCOME, b'{"user": "anna.b@example.org",')
    assert error.value == '{"user": "[e-mail]",'


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("-1e999", "-1e999"),
        ("-0.10", "-0.10"),
        ("-12345678901234567890123456", "-12345678901234567890123456"),
        ("9" * 400, "9" * 199 + "…"),
    ],
)
def test_a_number_is_shown_as_it_was_written(line, written, shown):
    text = line(EXPOSURE).replace(b'"latency_ms": 12.5', b'"latency_ms": [' + written.encode() + b"]")
    assert [error.field for error in errors_of(EXPOSURE, text)] == ["latency_ms"]
    rank = line(EXPOSURE).replace(b'"rank": 2', b'"rank": ' + written.encode())
    assert [error.value for error in errors_of(EXPOSURE, rank)] == [shown]


def test_a_hostile_line_gives_a_bounded_list(line):
    assert len(errors_of(EXPOSURE, line(EXPOSURE, items=[1] * 50_000))) == 1000


def test_every_reason_has_its_meaning():
    assert set(MEANINGS) == set(Reason)


@settings(max_examples=1500, deadline=None)
@given(spoiled_lines())
@example((EXPOSURE, b"{}"))
def test_the_fast_form_agrees_with_the_strict_checker(case):
    kind, text = case
    reasons = {error.reason for error in errors_of(kind, text)}
    assert accepts(kind, text) == (not reasons)
    if Reason.DUPLICATE_KEY in reasons:
        assert repeats_a_key(text)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), good_lines(kind))))
def test_both_forms_accept_what_the_contract_allows(case):
    kind, text = case
    assert errors_of(kind, text) == []
    assert accepts(kind, text)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: st.tuples(
            st.just(kind),
            st.lists(
                st.lists(
                    good_lines(kind) | spoiled_lines([kind]).map(lambda case: case[1].replace(b"\n", b" ")),
                    min_size=1,
                    max_size=6,
                ),
                max_size=6,
            ),
        )
    )
)
def test_what_a_decoder_has_learned_from_earlier_lines_changes_no_answer(case):
    kind, blocks = case
    decoder = Decoder(kind)
    for lines in blocks:
        found = decoder.screen(lines, b"\n".join(lines))
        assert found.refused == [place for place, text in enumerate(lines) if errors_of(kind, text)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeated_key_among_lines_that_write_the_same_fields(line, kind):
    decoder = Decoder(kind)
    good = [line(kind, number) for number in range(50)]
    twice = good[7][:-1] + b', "ts": "2026-01-02T03:04:05Z"}'
    for lines in (good, [*good[:9], twice, *good[9:]], good):
        found = decoder.screen(lines, b"\n".join(lines))
        assert found.refused == ([9] if twice in lines else [])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.binary(max_size=60))
def test_any_bytes_have_an_answer(kind, text):
    assert accepts(kind, text) == (not errors_of(kind, text))
