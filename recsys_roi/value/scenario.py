"""The scenario: every setting of a review as one frozen value, the same for files, sliders and links."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from pydantic_core.core_schema import ValidationInfo

from recsys_roi.errors import InputError, SettingError
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.value.reading import named, read, read_text, write_json, write_text
from recsys_roi.value.settings import (
    COST_SETTINGS,
    KPIS_OF_NEW_USERS,
    NEW_USERS_SETTING,
    SETTINGS,
    TRAFFIC_SETTING,
    VALUE_SETTING,
)

CONFIRMED = "economics_confirmed"


def _default(name: str) -> Any:
    return SETTINGS[name].default


class Scenario(BaseModel):
    """Every setting with its value; made by `of`, `from_pairs`, `from_json` or `from_query`.

    `given` are the settings that a person gave; all others have the default of the table in settings.py.
    Two scenarios are equal when all their values are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    experiment: str | None = _default("experiment")
    control: str | None = _default("control")
    candidate: str | None = _default("candidate")
    surface: str | None = _default("surface")
    kpi: str | None = _default("kpi")
    start: datetime | None = _default("start")
    end: datetime | None = _default("end")
    slice_keys: tuple[str, ...] | None = _default("slice_keys")
    click_window_hours: float = _default("click_window_hours")
    outcome_window_hours: float = _default("outcome_window_hours")
    return_days: int = _default("return_days")
    mature_only: bool = _default("mature_only")
    revenue_cap: float | None = _default("revenue_cap")
    covariate: str | None = _default("covariate")

    alpha: float = _default("alpha")
    power: float = _default("power")
    planned_users: int | None = _default("planned_users")
    candidate_share: float = _default("candidate_share")
    prior_sd: float | None = _default("prior_sd")
    min_effect: float = _default("min_effect")
    harm_threshold: float = _default("harm_threshold")
    min_days: int = _default("min_days")
    p_npv_required: float = _default("p_npv_required")
    decision_rule: Literal["value_proven", "expected_value"] = _default("decision_rule")

    eligible_requests_per_month: float = _default("eligible_requests_per_month")
    eligible_new_users_per_month: float | None = _default("eligible_new_users_per_month")
    traffic_growth_monthly: float = _default("traffic_growth_monthly")
    ramp: tuple[float, ...] = _default("ramp")
    value_per_action: float = _default("value_per_action")
    margin: float = _default("margin")
    cannibalisation: float = _default("cannibalisation")
    horizon_months: int = _default("horizon_months")
    discount_rate: float = _default("discount_rate")
    novelty_share: float = _default("novelty_share")
    novelty_half_life_months: float = _default("novelty_half_life_months")
    lift_decay_monthly: float | None = _default("lift_decay_monthly")
    ranges: dict[str, tuple[float, ...]] = _default("ranges")
    currency: str = _default("currency")
    locale: str = _default("locale")
    economics_confirmed: bool = _default("economics_confirmed")

    engineering_hours: float = _default("engineering_hours")
    engineering_rate: float = _default("engineering_rate")
    sunk_cost: float = _default("sunk_cost")
    shared_cost: float = _default("shared_cost")
    ops_hours_per_month: float = _default("ops_hours_per_month")
    ops_rate: float = _default("ops_rate")
    one_off_cost: float = _default("one_off_cost")
    infra_per_month: float = _default("infra_per_month")
    infra_per_1000_requests: float = _default("infra_per_1000_requests")

    guardrails: tuple[str, ...] = _default("guardrails")
    guardrail_alpha: float = _default("guardrail_alpha")
    margin_p95_latency: float = _default("margin_p95_latency")
    margin_p99_latency: float = _default("margin_p99_latency")
    margin_error_rate: float = _default("margin_error_rate")
    margin_empty_rate: float = _default("margin_empty_rate")
    margin_negative_feedback: float = _default("margin_negative_feedback")
    margin_coverage: float = _default("margin_coverage")
    margin_diversity: float = _default("margin_diversity")
    margin_slow_share: float = _default("margin_slow_share")
    slow_threshold_ms: float = _default("slow_threshold_ms")

    planned_end: datetime | None = _default("planned_end")
    baseline_kpi: float = _default("baseline_kpi")
    expected_lift: float = _default("expected_lift")
    expected_lift_sd: float = _default("expected_lift_sd")
    pilot_share: float = _default("pilot_share")
    pilot_cost_per_week: float = _default("pilot_cost_per_week")
    design_effect: float = _default("design_effect")
    kpi_variation: float | None = _default("kpi_variation")
    domain: str | None = _default("domain")
    artifact_interval_hours: float | None = _default("artifact_interval_hours")

    @model_validator(mode="before")
    @classmethod
    def _known_names(cls, given: Any) -> Any:
        for name in given:
            named(name)
        return given

    @field_validator("*", mode="before")
    @classmethod
    def _in_range(cls, value: Any, info: ValidationInfo) -> Any:
        return read(named(info.field_name or ""), value)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Scenario:
        for name, numbers in self.ranges.items():
            value = getattr(self, name)
            if value is not None and not numbers[0] <= value <= numbers[-1]:
                raise SettingError(f"ranges.{name}", f"must hold the value of {name} ({value:g})", numbers)
        if self.start is not None and self.end is not None and self.end <= self.start:
            start = write_json(SETTINGS["start"], self.start)
            raise SettingError("end", f"must be after start ({start})", write_json(SETTINGS["end"], self.end))
        return self

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Scenario:
        """A scenario from settings by name; None stands for the default where the default is None.

        An input with a range and no value of its own has the range's likely value. A mapping that has every
        setting is a saved scenario: what equals its default there was not given.

        Raises SettingError and UnknownNameError.
        """
        values = cls.model_validate({**_likely(given), **given})
        names = {name for name in given if getattr(values, name) is not None}
        if SETTINGS.keys() <= given.keys():
            names = {name for name in names if getattr(values, name) != _default(name)}
        entered = _entered(names, values.ranges, values.kpi)
        if CONFIRMED in given and entered and not values.economics_confirmed:
            names.add(CONFIRMED)
        confirmed = values.economics_confirmed if CONFIRMED in given else entered
        return cls.model_construct(_fields_set=names, **{**dict(values), CONFIRMED: confirmed})

    @classmethod
    def from_pairs(cls, pairs: Iterable[str]) -> Scenario:
        """A scenario from "name=value" texts; lists by comma: "ramp=.25,.5,1". Raises InputError."""
        given = {}
        for pair in pairs:
            name, equals, text = pair.partition("=")
            if not equals:
                raise InputError(
                    f"A setting is written name=value, for example margin=0.4; {pair!r} was given."
                )
            given[name.strip()] = text
        return cls.from_query(given)

    @classmethod
    def from_json(cls, text: str) -> Scenario:
        """A scenario from a JSON object, such as `inputs.scenario` of a review. Raises InputError."""
        try:
            given = json.loads(text, object_pairs_hook=_once)
        except ValueError as error:
            raise InputError(f"The scenario is not JSON: {error}.") from None
        except RecursionError:
            raise InputError(
                "The scenario is not a JSON object of settings: it is nested too deep."
            ) from None
        if not isinstance(given, dict):
            raise InputError('The scenario must be a JSON object of settings, for example {"margin": 0.4}.')
        return cls.of(given)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Scenario:
        """A scenario from a link's query parameters. Raises SettingError and UnknownNameError."""
        return cls.of({name: read_text(named(name), text) for name, text in query.items()})

    def to_query(self) -> dict[str, str]:
        """Query parameters that `from_query` reads back exactly: the settings that a person gave."""
        return {name: write_text(SETTINGS[name], value) for name, value in self.given.items()}

    def to_json(self) -> str:
        """The settings that a person gave as a JSON file, which `from_json` reads back exactly."""
        written = {name: write_json(SETTINGS[name], value) for name, value in self.given.items()}
        return json.dumps(written, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def updated(self, given: Mapping[str, Any]) -> Scenario:
        """This scenario with further settings given; None takes one back to its default."""
        merged = {**self.given, **given}
        return Scenario.of({name: value for name, value in merged.items() if value is not None})

    @property
    def given(self) -> dict[str, Any]:
        """The settings that a person gave, with their values, in the table's order."""
        return {name: getattr(self, name) for name in SETTINGS if name in self.model_fields_set}

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the settings that a person gave, in the table's order."""
        return tuple(self.given)

    def economics_set(self, kpi_id: str | None) -> bool:
        """Whether a person entered or confirmed traffic, value and costs (numbers book 11).

        A revenue KPI needs no value per action, as its numerator is money already.
        """
        if self.economics_confirmed or CONFIRMED in self.model_fields_set:
            return self.economics_confirmed
        return _entered(self.model_fields_set, self.ranges, kpi_id)

    def money_needs(self, kpi_id: str) -> str | None:
        """The setting without which this KPI has no money; None where none is missing (numbers book 8.1)."""
        if kpi_id not in KPIS_OF_NEW_USERS:
            return None
        if self.eligible_new_users_per_month is None:
            return NEW_USERS_SETTING
        valued = VALUE_SETTING in {*self.model_fields_set, *self.ranges} or self.economics_confirmed
        return None if valued else VALUE_SETTING

    def dump(self, kpi_id: str | None = None) -> dict[str, Any]:
        """Every setting with its value as JSON has it; `of` opens it again.

        `kpi_id` is the KPI that the review chose: whether the economics are set is written for it.
        """
        values = {name: write_json(setting, getattr(self, name)) for name, setting in SETTINGS.items()}
        return {**values, CONFIRMED: self.economics_set(kpi_id or self.kpi)}

    @property
    def fingerprint(self) -> str:
        """Hash of all values: "sha256:" and hex; equal scenarios have equal ones."""
        return fingerprint_of(self.dump())

    def __hash__(self) -> int:
        return hash(self.fingerprint)


def fingerprint_of(settings: Mapping[str, Any]) -> str:
    """Hash of settings as JSON has them, such as those of a file: "sha256:" and hex."""
    text = json.dumps(settings, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no name stands twice: which value is meant could only be guessed."""
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise InputError(f"The scenario gives {twice[0]} twice. Leave one of them.")
    return dict(pairs)


def _likely(given: Mapping[str, Any]) -> dict[str, float]:
    """The likely value of each range; of P10 and P90, their geometric mean, the lognormal's median."""
    if "ranges" not in given:
        return {}
    ranges: dict[str, tuple[float, ...]] = read(SETTINGS["ranges"], given["ranges"])
    return {
        name: numbers[1] if len(numbers) == 3 else math.sqrt(numbers[0] * numbers[1])
        for name, numbers in ranges.items()
    }


def _entered(given: Collection[str], ranged: Collection[str], kpi_id: str | None) -> bool:
    names = {*given, *ranged}
    kpi = KPIS.get(kpi_id or "")
    valued = VALUE_SETTING in names or (kpi is not None and kpi.is_money)
    if kpi_id in KPIS_OF_NEW_USERS and NEW_USERS_SETTING not in names:
        return False
    return TRAFFIC_SETTING in names and valued and any(name in names for name in COST_SETTINGS)
