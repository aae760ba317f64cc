"""The three event contracts as data: fields, types, rules, and the reasons a line is rejected for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

Kind = Literal["exposure.v1", "outcome.v1", "assignment.v1"]
KINDS: tuple[Kind, ...] = get_args(Kind)

LINE_LIMIT = 16 * 2**20  # bytes of one line without its line feed; the typed load stops there too
VALUE_LIMIT = 200  # characters of an offending value that are kept
INTEGER_LIMIT = 2**63 - 1

EventType = Literal["click", "conversion", "add_to_cart", "start", "complete", "dwell", "negative_feedback"]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
STRICT_EVENT_TYPES = frozenset({"click", "conversion"})
"""The event types of the suite's own strict outcome.v1; the others are our documented extension."""

# RFC 3339 section 5.6 with real calendar dates. Left out: second 60, which no table of ours can hold,
# and instants that fall outside the years 1 to 9999 once they are in UTC.
_DAY_OF_ANY_YEAR = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_DAY = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
_TIME_OF_DAY = (
    r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
TIMESTAMP_BODY = (
    r"(?!0000|0001-01-01[^\n]*\+|9999-12-31[^\n]*-[0-9:]{5}(?:\n|\Z))"
    rf"(?:[0-9]{{4}}-{_DAY_OF_ANY_YEAR}|{_LEAP_DAY}){_TIME_OF_DAY}"
)
# For engines that cannot look ahead: the same in the years 1000 to 2999.
PLAIN_TIMESTAMP_PATTERN = (
    rf"\A(?:[12][0-9]{{3}}-{_DAY_OF_ANY_YEAR}"
    r"|(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:12|16|20|24|28)00)-02-29)"
    rf"{_TIME_OF_DAY}\z"
)
TIMESTAMP_PATTERN = rf"^{TIMESTAMP_BODY}\Z"


class Reason(StrEnum):
    """Why a line was rejected."""

    NOT_UTF8 = "not_utf8"
    LINE_TOO_LONG = "line_too_long"
    BLANK_LINE = "blank_line"
    NOT_JSON = "not_json"
    NOT_OBJECT = "not_object"
    NOT_A_ROW = "not_a_row"
    REST_OF_REQUEST = "rest_of_request"
    DUPLICATE_KEY = "duplicate_key"
    MISSING_FIELD = "missing_field"
    NULL_OR_EMPTY = "null_or_empty"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    BAD_TIMESTAMP = "bad_timestamp"
    UNKNOWN_EVENT_TYPE = "unknown_event_type"
    UNKNOWN_KEY = "unknown_key"


MEANINGS: Mapping[Reason, str] = {
    Reason.NOT_UTF8: "the text is not UTF-8, or escapes half of a surrogate pair",
    Reason.LINE_TOO_LONG: "the line is longer than 16 MiB",
    Reason.BLANK_LINE: "the line is blank",
    Reason.NOT_JSON: "the line is not JSON",
    Reason.NOT_OBJECT: "the line is JSON but not an object",
    Reason.NOT_A_ROW: "the row does not fit the CSV header: other cells, or an open quotation mark",
    Reason.REST_OF_REQUEST: "another row of the same list is rejected, and a list is kept whole",
    Reason.DUPLICATE_KEY: "the key is written twice in one object",
    Reason.MISSING_FIELD: "a required field is missing",
    Reason.NULL_OR_EMPTY: "a required field is null or empty",
    Reason.WRONG_TYPE: "the value has the wrong type",
    Reason.OUT_OF_RANGE: "the number is out of range",
    Reason.BAD_TIMESTAMP: "not an RFC 3339 date-time with an offset or Z",
    Reason.UNKNOWN_EVENT_TYPE: f"the event_type is none of {', '.join(EVENT_TYPES)}",
    Reason.UNKNOWN_KEY: "the contract has no such key",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """One error of one line."""

    field: str  # path such as "items[2].rank"; empty for the line as a whole
    reason: Reason
    value: str  # at most 200 characters, suspected personal data masked; empty where there is none


FieldType = Literal[
    "string",
    "timestamp",
    "event_type",
    "integer",
    "number",
    "boolean",
    "object of strings",
    "array of objects",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a contract."""

    name: str
    type: FieldType
    required: bool = False
    minimum: float | None = None  # smallest number allowed
    rule: str = ""  # for people
    fields: tuple[Field, ...] = ()  # of each object in an array of objects


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """One event contract: its fields in the order of its columns; other keys are refused."""

    kind: Kind
    table: str  # name of the view over the records
    title: str  # what a record is, for people
    fields: tuple[Field, ...]
    marks: frozenset[str]  # fields that only this kind has


_REQUEST_ID = Field(name="request_id", type="string", required=True, rule="not empty; the join key")
_USER_ID = Field(
    name="user_id", type="string", required=True, rule="not empty; stable and pseudonymous, or a session id"
)
_TS = Field(name="ts", type="timestamp", required=True, rule="RFC 3339 date-time with offset or Z")
_CONTEXT = Field(
    name="context",
    type="object of strings",
    rule="slice keys: tenant_id, surface, segment, locale, device, user_type, session_id, algo_version, "
    "config_version, rules_version, any others",
)
_ITEM = (
    Field(name="item_id", type="string", required=True, rule="not empty"),
    Field(name="rank", type="integer", required=True, minimum=1, rule="1 or more"),
    Field(name="propensity", type="number", minimum=0, rule="0 or more"),
    Field(name="logging_propensity", type="number", minimum=0, rule="0 or more"),
    Field(name="target_propensity", type="number", minimum=0, rule="0 or more"),
)

CONTRACTS: Mapping[Kind, Contract] = {
    contract.kind: contract
    for contract in (
        Contract(
            kind="exposure.v1",
            table="exposures",
            title="what was shown, one record a rendered list",
            fields=(
                _REQUEST_ID,
                _USER_ID,
                _TS,
                Field(
                    name="items",
                    type="array of objects",
                    required=True,
                    rule="may be empty, which means empty recommendations",
                    fields=_ITEM,
                ),
                _CONTEXT,
                Field(name="latency_ms", type="number", minimum=0, rule="server latency of the request"),
                Field(name="error", type="boolean", rule="the call failed or was degraded"),
            ),
            marks=frozenset({"items", "latency_ms"}),
        ),
        Contract(
            kind="outcome.v1",
            table="outcomes",
            title="what the user did",
            fields=(
                _REQUEST_ID,
                _USER_ID,
                Field(name="item_id", type="string", required=True, rule="not empty"),
                Field(
                    name="event_type",
                    type="event_type",
                    required=True,
                    rule=f"one of {', '.join(EVENT_TYPES)}",
                ),
                _TS,
                Field(name="value", type="number", rule="revenue of a conversion, seconds of a dwell"),
            ),
            marks=frozenset({"event_type", "item_id", "value"}),
        ),
        Contract(
            kind="assignment.v1",
            table="assignments",
            title="who was in which arm",
            fields=(
                Field(name="experiment_id", type="string", required=True, rule="not empty"),
                Field(name="variant", type="string", required=True, rule="not empty"),
                _REQUEST_ID,
                _USER_ID,
                _TS,
                _CONTEXT,
            ),
            marks=frozenset({"experiment_id", "variant"}),
        ),
    )
}
