"""Settings: ranges, names, texts, links and saved scenarios."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from recsys_roi.errors import InputError, SettingError, UnknownNameError
from recsys_roi.evidence.kpis import GUARDRAILS
from recsys_roi.value.reading import read_text, write_text
from recsys_roi.value.scenario import Scenario
from recsys_roi.value.setting import Setting
from recsys_roi.value.settings import COST_SETTINGS, SETTINGS, UNCERTAIN_SETTINGS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ECONOMICS = {"eligible_requests_per_month": 3e6, "value_per_action": 18, "engineering_hours": 100}
NAMED_IN_REVIEW = (
    "experiment control candidate surface kpi start end alpha planned_users "
    "eligible_requests_per_month traffic_growth_monthly ramp value_per_action margin cannibalisation "
    "horizon_months discount_rate novelty_share novelty_half_life_months lift_decay_monthly "
    "engineering_hours engineering_rate one_off_cost infra_per_month infra_per_1000_requests "
    "ops_hours_per_month ops_rate sunk_cost prior_sd min_effect harm_threshold margin_p95_latency "
    "margin_p99_latency margin_error_rate margin_empty_rate margin_negative_feedback margin_coverage "
    "margin_diversity guardrails click_window_hours outcome_window_hours mature_only return_days min_days "
    "p_npv_required currency locale baseline_kpi expected_lift expected_lift_sd candidate_share pilot_share "
    "pilot_cost_per_week planned_end slow_threshold_ms margin_slow_share guardrail_alpha power "
    "revenue_cap covariate slice_keys eligible_new_users_per_month shared_cost ranges "
    "economics_confirmed decision_rule design_effect kpi_variation domain "
    "artifact_interval_hours"
)


def numbers(setting: Setting) -> st.SearchStrategy[float]:
    assert setting.low is not None
    assert setting.high is not None
    return st.floats(setting.low, setting.high, exclude_min=setting.above).map(lambda number: number + 0.0)


def values(setting: Setting) -> st.SearchStrategy[object]:
    words = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() == text and text.strip())
    times = st.integers(0, 4_000_000_000_000_000).map(lambda micros: EPOCH + timedelta(microseconds=micros))
    match setting.name:
        case "kpi" | "decision_rule" | "domain":
            return st.sampled_from(setting.choices)
        case "guardrails":
            return st.lists(st.sampled_from(list(GUARDRAILS)), min_size=2, max_size=3, unique=True).map(tuple)
        case "currency" | "locale":
            return st.sampled_from(["EUR", "USD", "JPY"] if setting.name == "currency" else ["en", "fr_CH"])
        case "ranges":
            names = st.sampled_from(["cannibalisation", "ops_rate", "novelty_share"])
            return st.dictionaries(names, st.just((0.0, 0.25, 1000.0)), max_size=0)
    if setting.kind == "whole":
        assert setting.low is not None
        assert setting.high is not None
        return st.integers(int(setting.low), int(min(setting.high, 1e9)))
    return {
        "text": words,
        "texts": st.lists(words, unique=True, max_size=3).map(tuple),
        "time": times,
        "flag": st.booleans(),
        "number": st.deferred(lambda: numbers(setting)),
        "numbers": st.deferred(lambda: st.lists(numbers(setting), min_size=1, max_size=5).map(tuple)),
    }[setting.kind]


def scenarios() -> st.SearchStrategy[Scenario]:
    given_values = st.fixed_dictionaries({}, optional={name: values(one) for name, one in SETTINGS.items()})

    def ordered(chosen: dict[str, object]) -> dict[str, object]:
        start, end = chosen.get("start"), chosen.get("end")
        if isinstance(start, datetime) and isinstance(end, datetime) and end <= start:
            return {name: value for name, value in chosen.items() if name != "end"}
        return chosen

    return given_values.map(ordered).map(Scenario.of)


@given(scenarios())
def test_a_link_opens_the_same_scenario(scenario):
    opened = Scenario.from_query(scenario.to_query())
    assert opened == scenario
    assert opened.changed == scenario.changed
    assert opened.fingerprint == scenario.fingerprint


@given(scenarios())
def test_a_scenario_file_opens_the_same_scenario(scenario):
    opened = Scenario.from_json(scenario.to_json())
    assert opened == scenario
    assert opened.changed == scenario.changed


@given(scenarios())
def test_a_saved_review_opens_the_same_scenario(scenario):
    kpi = scenario.kpi
    opened = Scenario.from_json(json.dumps(scenario.dump(kpi), allow_nan=False))
    assert opened == scenario
    assert opened.dump(kpi) == scenario.dump(kpi)
    assert hash(opened) == hash(scenario)


@given(scenarios(), scenarios())
def test_updating_is_giving_both(first, second):
    merged = {**first.given, **second.given}
    if {"start", "end"} <= merged.keys() and merged["end"] <= merged["start"]:
        return
    assert first.updated(second.given) == Scenario.of(merged)


def test_a_setting_that_a_file_gives_twice_is_refused():
    with pytest.raises(InputError, match="gives margin twice"):
        Scenario.from_json('{"margin": 0.1, "currency": "USD", "margin": 0.2}')


def test_every_setting_of_the_book_is_there_and_documented():
    assert sorted(SETTINGS) == sorted(NAMED_IN_REVIEW.split())
    assert set(SETTINGS) == set(Scenario.model_fields)
    for name, setting in SETTINGS.items():
        assert setting.name == name
        assert setting.label
        assert setting.source
        if setting.kind in {"number", "numbers", "whole"}:
            assert setting.low is not None
            assert setting.high is not None
        if setting.slider:
            low, high = setting.slider
            assert setting.allows(low)
            assert setting.allows(high)
            assert low <= setting.default <= high


def test_defaults_are_those_of_the_book_and_allowed():
    bare = Scenario.of({})
    for name, setting in SETTINGS.items():
        assert getattr(bare, name) == setting.default
    assert Scenario.of(bare.dump()) == bare
    assert bare.changed == ()
    assert bare.to_query() == {}
    assert (bare.alpha, bare.min_days, bare.p_npv_required, bare.cannibalisation) == (0.05, 14, 0.9, 0.2)
    assert bare.guardrails == ("p95_latency", "error_rate", "empty_rate")
    assert bare.prior_sd is None


@pytest.mark.parametrize(
    ("name", "low", "high", "outside"),
    [
        ("traffic_growth_monthly", -0.2, 0.2, (-0.21, 0.21)),
        ("margin", 0, 1, (-0.01, 1.01)),
        ("cannibalisation", 0, 1, (-0.01, 1.01)),
        ("novelty_share", 0, 1, (-0.01, 1.01)),
        ("lift_decay_monthly", 0, 1, (-0.01, 1.01)),
        ("horizon_months", 1, 60, (0, 61, 1.5)),
        ("discount_rate", 0, 1, (-0.01, 1.01)),
        ("alpha", 0.001, 0.2, (0.0009, 0.21)),
        ("power", 0.5, 0.99, (0.49, 0.999)),
        ("prior_sd", 0.0001, 1, (0, 1.01)),
        ("expected_lift", -0.9, 5, (-0.91, 5.01)),
        ("candidate_share", 0.01, 0.99, (0.009, 1.0)),
        ("value_per_action", 0, 1e9, (-0.01, math.nan, math.inf, True, "18")),
        ("engineering_hours", 0, 1e6, (-1,)),
        ("sunk_cost", 0, 1e9, (-1,)),
    ],
)
def test_ranges(name, low, high, outside):
    for inside in (low, high):
        assert getattr(Scenario.of({name: inside}), name) == inside
    for number in outside:
        with pytest.raises(SettingError, match=rf"^Setting {name} must be .*; .* was given\.$") as caught:
            Scenario.of({name: number})
        assert repr(number) in str(caught.value)
        if not isinstance(number, str | bool):
            assert f"{SETTINGS[name].high:,.15g}" in str(caught.value)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("ramp=.25,1.5", r"ramp must be a list of numbers, each between 0 and 1; 1\.5 was given"),
        ("ramp=", "ramp must be"),
        ("margin=a lot", "margin must be a number between 0 and 1; 'a lot' was given"),
        ("mature_only=maybe", "mature_only must be true or false; 'maybe' was given"),
        ("start=2026-01-01T00:00:00", "start must be a date .*; '2026-01-01T00:00:00' was given"),
        ("start=yesterday", "start must be a date"),
        ("currency=ERU", "currency must be a currency's code such as EUR"),
        ("locale=deutsch", "locale must be a locale such as en, de"),
        ("currency=eur", "currency must be a currency's code such as EUR"),
        ("guardrails=error_rate", "guardrails must name 2 to 4"),
        ("guardrails=error_rate,error_rate", "guardrails must be a list of different names"),
        ("surface=", "surface must be a text that is not empty"),
        ("ranges=margin:0.5,0.2,0.9", r"ranges\.margin must run from low over likely to high"),
        ("ranges=margin:0.1,0.2,1.9", r"ranges\.margin must be a number between 0 and 1; 1\.9"),
        ("ranges=margin:0.3", r"ranges\.margin must be low, likely and high, or P10 and P90"),
        ("ranges=margin:0.2,0.4", r"ranges\.margin as P10 and P90 is for money"),
        (
            "ranges=value_per_action:1e-9,100",
            r"ranges\.value_per_action must have a P90 of at most 1,000 times",
        ),
        ("ranges=margin", "ranges must look like"),
        ("slice_keys=[1", "slice_keys must be"),
    ],
)
def test_a_bad_value_names_the_setting(pair, said):
    with pytest.raises(SettingError, match=said):
        Scenario.from_pairs([pair])


def test_start_before_end():
    Scenario.from_pairs(["start=2026-01-01", "end=2026-01-02"])
    with pytest.raises(SettingError, match=r"Setting end must be after start \(2026-01-02T00:00:00Z\)"):
        Scenario.from_pairs(["start=2026-01-02", "end=2026-01-02"])


def test_a_value_outside_its_own_range_is_refused():
    with pytest.raises(SettingError, match=r"ranges\.margin must hold the value of margin \(0\.6\)"):
        Scenario.from_pairs(["margin=0.6", "ranges=margin:0.2,0.3,0.5"])


@pytest.mark.parametrize(
    ("name", "first"), [("aplha", "alpha"), ("value", "value_per_action"), ("horizon", "horizon_months")]
)
def test_an_unknown_name_shows_near_names_first(name, first):
    with pytest.raises(UnknownNameError, match=rf"Unknown setting '{name}'\. Known: {first}, "):
        Scenario.of({name: 1})


def test_unknown_kpi_guardrail_and_range():
    with pytest.raises(UnknownNameError, match=r"Unknown KPI 'conversions'\. Known: conversion_rate, "):
        Scenario.of({"kpi": "conversions"})
    with pytest.raises(UnknownNameError, match=r"Unknown guardrail 'error'\. Known: error_rate, "):
        Scenario.of({"guardrails": ["error", "empty_rate"]})
    with pytest.raises(UnknownNameError, match="Unknown setting with a range 'horizon_months'"):
        Scenario.of({"ranges": {"horizon_months": [6, 12, 18]}})


@pytest.mark.parametrize("text", ["{", "[1]", '"alpha"', '{"alpha": NaN}'])
def test_a_scenario_file_that_is_none(text):
    with pytest.raises(InputError):
        Scenario.from_json(text)


def test_a_pair_without_a_value():
    with pytest.raises(InputError, match="written name=value"):
        Scenario.from_pairs(["margin"])


def test_scenarios_are_frozen_and_checked_however_they_are_made():
    with pytest.raises(ValidationError):
        Scenario.of({}).margin = 0.5
    with pytest.raises(SettingError):
        Scenario(margin=2.0)
    with pytest.raises(UnknownNameError):
        Scenario.model_validate({"margins": 0.2})


def test_texts_of_the_command_line():
    scenario = Scenario.from_pairs(
        [
            "ramp=.25,.5,1",
            "eligible_requests_per_month=2e6",
            "mature_only=true",
            "slice_keys=device, locale",
            "start=2026-01-05T08:00:00+02:00",
            "ranges=margin:0.2,0.35,0.5;value_per_action:12,30",
            "value_per_action=18",
        ]
    )
    assert scenario.ramp == (0.25, 0.5, 1.0)
    assert scenario.eligible_requests_per_month == 2_000_000
    assert scenario.mature_only is True
    assert scenario.slice_keys == ("device", "locale")
    assert scenario.start == datetime(2026, 1, 5, 6, tzinfo=UTC)
    assert scenario.ranges == {"value_per_action": (12.0, 30.0), "margin": (0.2, 0.35, 0.5)}
    assert scenario.to_query()["ranges"] == "value_per_action:12,30;margin:0.2,0.35,0.5"
    assert scenario.to_query()["eligible_requests_per_month"] == "2000000"


@pytest.mark.parametrize("keys", [("a,b", "c"), ("[x]",), (" padded ",), ()])
def test_names_with_commas_survive_a_link(keys):
    setting = SETTINGS["slice_keys"]
    assert read_text(setting, write_text(setting, keys)) == keys


def test_the_likely_value_of_a_range_stands_for_the_setting():
    scenario = Scenario.of({"ranges": {"value_per_action": [12, 30], "margin": [0.1, 0.3, 0.4]}})
    assert scenario.value_per_action == pytest.approx(18.973665961010276)  # S8.distributions, lognormal q50
    assert scenario.margin == 0.3
    assert scenario.changed == ("ranges",)
    assert Scenario.of(scenario.dump()) == scenario
    assert Scenario.of({"margin": 0.35, "ranges": {"margin": [0.1, 0.3, 0.4]}}).margin == 0.35


@pytest.mark.parametrize("cost", COST_SETTINGS)
def test_economics_are_set_once_traffic_value_and_a_cost_are_given(cost):
    entered = {"eligible_requests_per_month": 2e6, "value_per_action": 1.0, cost: SETTINGS[cost].default}
    assert Scenario.of(entered).economics_confirmed
    for missing in entered:
        partly = Scenario.of({name: value for name, value in entered.items() if name != missing})
        assert not partly.economics_confirmed
        assert not partly.economics_set("ctr")
        assert partly.economics_set("revenue_per_request") == (missing == "value_per_action")


def test_economics_by_hand():
    assert not Scenario.of({}).economics_set("ctr")
    assert Scenario.of({"economics_confirmed": True}).economics_set("ctr")
    refused = Scenario.of({**ECONOMICS, "economics_confirmed": False})
    assert not refused.economics_set("ctr")
    assert not Scenario.of(refused.dump("ctr")).economics_set("ctr")
    assert Scenario.of({**ECONOMICS, "sunk_cost": 5}).economics_set("ctr")
    assert not Scenario.of(
        {"eligible_requests_per_month": 1, "value_per_action": 1, "sunk_cost": 5}
    ).economics_set("ctr")
    ranged = {"ranges": {name: [1, 2, 3] for name in ECONOMICS}}
    assert Scenario.of(ranged).economics_set("ctr")


def test_opening_a_saved_review_confirms_nothing_that_was_not():
    bare = Scenario.of(Scenario.of({"margin": 0.4}).dump("ctr"))
    assert not bare.economics_set("ctr")
    assert bare.changed == ("margin",)
    assert bare.updated(ECONOMICS).economics_set("ctr")
    confirmed = Scenario.of({name: value for name, value in ECONOMICS.items() if name != "value_per_action"})
    saved = confirmed.dump("revenue_per_request")
    assert saved["economics_confirmed"] is True
    assert Scenario.of(saved).economics_set("revenue_per_request")


def test_none_takes_a_setting_back():
    scenario = Scenario.of({"margin": 0.4, "surface": "home"})
    assert scenario.updated({"surface": None}) == Scenario.of({"margin": 0.4})
    assert scenario.updated({"margin": None}).margin == SETTINGS["margin"].default


def test_inputs_that_may_be_uncertain_are_numbers_of_the_money():
    for name in UNCERTAIN_SETTINGS:
        assert SETTINGS[name].kind == "number"
        assert SETTINGS[name].group in {"traffic and value", "engineering", "operations", "infrastructure"}


@pytest.mark.parametrize("name", ["start", "end", "planned_end"])
def test_a_date_that_leaves_no_room_for_a_calendar_is_refused(name):
    with pytest.raises(SettingError, match=rf"Setting {name} must be before the year 9000; '9999-12-30'"):
        Scenario.of({name: "9999-12-30"})
