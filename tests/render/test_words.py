"""The sentences: those of the style page word for word, and every figure in them that of the review."""

import pytest
import sample_review as sample

from recsys_roi.estimate.figures import Reason
from recsys_roi.evidence.kpis import KPIS
from recsys_roi.render import words
from recsys_roi.render.words.verdict import HEADLINES
from recsys_roi.review.document import Deviation, Estimate, Flip

REASON_CODES = (  # numbers book 11
    *("integrity", "guardrail_breach", "kpi_regression", "implausible_lift", "too_early", "too_few_users"),
    *("guardrail_not_measurable", "guardrail_unproven", "slice_harm", "value_proven", "waiting_pays"),
    *(
        "economics_unproven",
        "below_break_even",
        "inconclusive_stop",
        "economics_not_set",
        "kpi_not_measurable",
        "expected_value",
    ),
)


def held(code, **changes):
    """A HOLD for one reason."""
    verdict = "roll_back" if code in {"guardrail_breach", "kpi_regression", "below_break_even"} else "hold"
    return sample.ship(decision=sample.decision(verdict, code), **changes)


def test_ship():
    review = sample.ship()
    assert words.verdict_headline(review) == "SHIP: worth about EUR 127,700 in 12 months"
    assert words.verdict_sentence(review) == (
        "Even the low end (+0.1 %) is a gain; 98 % chance of positive value, 90 % required. "
        "Pays back in month 4."
    )
    assert words.badge(review) is None


def test_hold():
    review = sample.hold()
    assert words.verdict_headline(review) == "HOLD: test 3 more weeks"
    assert words.verdict_sentence(review) == (
        "Likely to pay, not proven: the range includes a loss. "
        "Waiting costs about EUR 3,315 and is worth about EUR 4,961."
    )
    assert words.badge(review) == "Preliminary until 12 Nov"


def test_too_few_users_when_the_days_are_over():
    users = sample.Arms(control=940, candidate=1003)
    review = held("too_early", experiment=sample.experiment(days=14).model_copy(update={"users": users}))
    assert words.verdict_headline(review) == "HOLD: too few users, 940 of 1,000 an arm"
    assert words.reason_sentence("too_early", review) == "All 14 days are over, but too few users came."
    assert words.reason_sentence("too_few_users", review) == "Needs 1,000 users an arm; has 940."


def test_too_early():
    review = held("too_early", experiment=sample.experiment(days=9))
    assert words.verdict_headline(review) == "HOLD: too early, day 9 of 14"


def test_roll_back():
    review = sample.roll_back()
    assert words.verdict_headline(review) == "ROLL BACK: p95 latency worse, beyond the limit"
    assert words.verdict_sentence(review).startswith(
        "p95 latency: worse, and beyond its limit: +25 ms, at least +12; limit +10."
    )


def test_plan_without_logs():
    review = sample.plan_only()
    assert (
        words.verdict_headline(review) == "PLAN: worth about EUR 100,600 in 12 months if the lift is +3.0 %"
    )
    assert "Every figure is assumed" in words.verdict_sentence(review)
    bare = review.model_copy(update={"roi": sample.no_roi("missing")})
    assert words.verdict_headline(bare) == "PLAN: nothing measured yet"
    assert "add logs" in words.verdict_sentence(bare)


def test_the_kpi():
    kpi = sample.hold().primary
    assert words.kpi_sentence(kpi) == (
        "Likely between -2.5 % and +6.9 %. Could be a loss or a gain; cannot tell yet."
    )
    assert words.belief_sentence(kpi) == "Measured +2.2 %; we count +1.8 %, as early results run high."
    assert (
        words.difference_sentence(sample.kpi(-0.02, 0.018, 0.06, 0.01), "EUR")
        == "+0.02 points (+1.8 % of 1.20 %)."
    )
    assert words.better_sentence(kpi) == "88 % chance that the candidate is better."
    assert "planned end date, looked at once" in words.fixed_horizon_sentence(kpi)
    assert words.mature_sentence(kpi).startswith("83 % of requests are old enough")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.001, 0.08, "A gain"),
        (-0.08, -0.001, "A loss"),
        (-0.01, 0.01, "cannot tell yet"),
        (0.0, 0.1, "cannot tell yet"),
    ],
)
def test_a_range_says_its_direction(low, high, said):
    assert said in words.kpi_sentence(sample.kpi(low, (low + high) / 2, high, 0.0))


def test_a_loss_is_not_said_to_run_high():
    assert words.counted_sentence(-0.03, -0.021).endswith("as early results run far.")
    assert words.counted_sentence(0.02, 0.03) == "Measured +2.0 %; we count +3.0 %."


def test_no_relative_lift_shows_points():
    kpi = sample.hold().primary.model_copy(
        update={"relative_lift": None, "relative_reason": "control_near_zero"}
    )
    said = words.kpi_sentence(kpi)
    assert said.startswith("Likely between -0.03 points and +0.08 points.")
    assert "too close to zero" in said


def test_small_counts_show_only_the_fixed_horizon_reading():
    base = sample.kpi(-0.1, 0.1, 0.3, 0.02)
    fixed = base.fixed_horizon.model_copy(update={"method": "newcombe", "relative_lift": None})
    gone = {"status": "not_measurable", "reason": "small_counts", "difference": None, "relative_lift": None}
    kpi = base.model_copy(update={**gone, "fixed_horizon": fixed})
    assert "fewer than ten" in words.kpi_sentence(kpi)
    assert "never enough to ship" in words.fixed_horizon_sentence(kpi)
    assert "points" in words.fixed_horizon_sentence(kpi)


@pytest.mark.parametrize(
    ("guardrail", "said"),
    [
        (
            sample.latency("warn", 0.06, 0.14, more_days=9),
            "Not shown safe: +6 ms, could be +14; limit +10. About 9 more days.",
        ),
        (
            sample.latency("warn", 0.06, 0.14),
            "Not shown safe: +6 ms, could be +14; limit +10. More days are not expected to settle it.",
        ),
        (sample.latency(), "Shown to stay within its limit: +1 ms, could be +4; limit +10."),
        (
            sample.error_rate(note="Slightly worse."),
            "Shown to stay within its limit: +0.02 points, could be +0.15; limit +0.20. Slightly worse.",
        ),
        (sample.unlogged(sample.latency()), "Cannot tell: latency_ms is not logged."),
        (
            sample.latency(id="negative_feedback_rate", arm_unit="share of requests", control=0.01),
            "Shown to stay within its limit: +1.0 %, could be +4.0 %; limit +10 %.",
        ),
        (
            sample.error_rate(
                id="coverage", harm=Estimate(estimate=0.005875, lower=0.0031, upper=0.00856), margin=0.02
            ),
            "Shown to stay within its limit: -0.59 points, could be -0.86; limit -2.00.",
        ),
    ],
)
def test_guardrails(guardrail, said):
    assert words.guardrail_sentence(guardrail) == said


def test_no_empty_list_in_either_arm_is_not_called_a_lack_of_variance():
    gone = {
        "status": "not_measurable",
        "reason": "zero_variance",
        "control": 0.0,
        "candidate": 0.0,
        "harm": None,
    }
    never = sample.error_rate(id="empty_rate").model_copy(update=gone)
    assert words.guardrail_sentence(never) == (
        "Cannot tell: none was seen in either arm, so a range cannot be computed."
    )
    always = never.model_copy(update={"control": 1.0, "candidate": 1.0})
    assert "every user has the same value" in words.guardrail_sentence(always)


def test_a_name_and_what_cannot_be_told_share_one_colon():
    unlogged = held("guardrail_not_measurable", guardrails=(sample.unlogged(sample.latency()),))
    assert words.reason_sentence("guardrail_not_measurable", unlogged) == (
        "p95 latency: cannot tell, latency_ms is not logged."
    )


@pytest.mark.parametrize("reason", [*Reason, "no_logs", "error_only_when_true"])
def test_every_reason_for_no_figure_has_its_own_words(reason):
    said = words.not_measurable_sentence(reason, "latency_ms")
    assert said.startswith("Cannot tell: ")
    assert reason not in said


@pytest.mark.parametrize("kpi_id", KPIS)
def test_every_kpi_of_the_catalogue_says_in_words_what_it_needs(kpi_id):
    said = words.kpi_sentence(sample.unmeasured_kpi("missing", kpi_id))
    assert said.startswith("Cannot tell: ")
    assert said.endswith(" is not logged.")


def test_no_figure_with_counts_or_with_somebodys_own_reason():
    assert (
        words.not_measurable_sentence("too_few_users", "x", needed=400, has=212)
        == "Needs 400 users an arm; has 212."
    )
    assert (
        words.not_measurable_sentence("the catalogue was empty", "x")
        == "Cannot tell: the catalogue was empty."
    )
    assert words.not_measurable_sentence(None, "revenue") == "Cannot tell: revenue was not measured."
    assert words.kpi_sentence(sample.hold().kpis[1]) == "Needs 100 users an arm; has 58."
    assert (
        words.kpi_sentence(sample.unmeasured_kpi("missing"))
        == "Cannot tell: value on conversion is not logged."
    )


def test_money():
    roi = sample.roi()
    assert (
        words.break_even_sentence(roi.model_copy(update={"break_even_lift": 0.0087}))
        == "Pays for itself above +0.87 %."
    )
    assert words.payback_sentence(roi) == "Pays back in month 4."
    assert words.payback_sentence(roi.model_copy(update={"payback_months": 3.0})) == "Pays back in month 3."
    assert words.payback_sentence(roi.model_copy(update={"payback_months": 0.0})) == "Pays back in month 1."
    assert words.payback_sentence(sample.hold().roi) == "Does not pay back within 12 months."
    assert words.roi_sentence(roi, 0.9) == (
        "Worth about EUR 127,700 over 12 months, after EUR 62,200 of costs (return on them +205 %). "
        "98 % chance of making money; 90 % was asked for."
    )
    assert words.roi_sentence(roi.model_copy(update={"npv": -26188.57})).startswith(
        "Loses about EUR 26,190 over"
    )
    assert words.chance_sentence(0.75, 0.9) == "75 % chance of making money; 90 % was asked for."
    assert words.roi_sentence(sample.plan_only().roi).endswith("Assumed, not measured.")
    assert words.roi_sentence(sample.no_roi("zero_variance")).startswith("Cannot tell")
    assert words.confirmed_sentence(roi) is None
    assert "presets" in words.confirmed_sentence(roi.model_copy(update={"confirmed": False}))
    sunk = roi.model_copy(update={"sunk_cost": 20000.0, "programme_roi": 1.2})
    assert words.sunk_cost_sentence(sunk) == (
        "EUR 20,000 is already spent and left out of the verdict. With it the programme returns +120 %."
    )
    assert words.sunk_cost_sentence(roi) is None


@pytest.mark.parametrize(("lift", "said"), [(None, "No lift pays"), (0.0, "Any gain pays")])
def test_break_even_at_the_edges(lift, said):
    assert words.break_even_sentence(sample.roi(break_even_lift=lift)).startswith(said)


def test_waiting():
    assert words.waiting_sentence(sample.waiting(), "EUR") == (
        "Three weeks cost EUR 3,315 and are worth EUR 4,961; 19 % chance of another answer."
    )
    one = words.waiting_sentence(sample.waiting(advised_weeks=1), "EUR")
    assert one == "One week costs EUR 1,105 and is worth EUR 1,909; 11 % chance of another answer."
    stop = sample.waiting(advised_weeks=None)
    assert words.waiting_sentence(stop, "EUR") == "More testing does not pay; stop or redesign."


def test_the_formula_without_traffic_says_what_is_left():
    roi = sample.roi(npv=-58_000.0, pv_per_unit_lift=0.0, pv_benefit=0.0)
    assert words.formula_sentence(sample.ship(roi=roi)) == (
        "No lift is worth anything here, and the costs stay: EUR -58,000."
    )


def test_run_time_of_the_break_even_lift_and_whether_to_expect_it():
    def said(lift, **more):
        roi = sample.roi(lift=lift, break_even_lift=0.0541)
        kpis = more.pop("kpis", ())
        return words.run_time_sentence(sample.ship(roi=roi, kpis=kpis, waiting=sample.waiting(**more)))

    assert said(0.05) == "The break-even lift (+5.4 %) would show after about 24 days."
    assert said(0.01).endswith("after about 24 days if it were that large; +1.0 % is counted.")
    assert "cannot prove the break-even lift" in said(0.05, days_to_detect_break_even=411)
    never = said(0.018, days_to_detect_break_even=None)
    assert never == "No test of up to ten years shows the break-even lift (+5.4 %)."
    below = sample.kpi(0.001, 0.02, 0.04, 0.018)
    assert said(0.018, kpis=(below,)) == (
        "More days are not expected to prove the break-even lift (+5.4 %): the whole range lies below it."
    )
    assert words.run_time_sentence(sample.ship(roi=sample.roi(break_even_lift=None))).startswith(
        "Cannot tell"
    )


@pytest.mark.parametrize(
    ("delay_cost", "said", "in_the_verdict"),
    [
        (
            -21.88,
            "and the pilot earns EUR 21.88 meanwhile;",
            "and the pilot earns about EUR 21.88 meanwhile.",
        ),
        (0.0, "Three weeks cost nothing and are worth EUR 4,961;", "Waiting costs nothing and is worth"),
    ],
)
def test_a_wait_that_earns_has_no_negative_cost(delay_cost, said, in_the_verdict):
    row = sample.waiting().rows[2].model_copy(update={"delay_cost": delay_cost})
    waiting = sample.waiting(rows=(row,))
    told = (
        words.waiting_sentence(waiting, "EUR"),
        words.verdict_sentence(held("waiting_pays", waiting=waiting)),
    )
    assert said in told[0]
    assert in_the_verdict in told[1]
    assert "EUR -" not in "".join(told)


@pytest.mark.parametrize("code", REASON_CODES)
@pytest.mark.parametrize("base", sample.ALL.values(), ids=sample.ALL)
def test_every_reason_has_a_headline_and_a_sentence_for_any_review(code, base):
    review = base().model_copy(update={"decision": sample.decision("hold", code)})
    for text in (
        words.verdict_headline(review),
        words.reason_sentence(code, review),
        words.verdict_sentence(review),
    ):
        assert code not in text
        assert "None" not in text
        assert "nan" not in text.lower().split()
    assert words.reason_sentence(code, review)[-1] == "."
    assert len(words.verdict_headline(review)) <= 90


def test_no_reason_is_missing():
    assert set(words.REASONS) == set(HEADLINES) == set(REASON_CODES)
    assert words.reason_sentence("a_new_rule", sample.ship()) == "A new rule."


def test_reasons_carry_the_reviews_figures():
    early = held("too_early", experiment=sample.experiment(days=9))
    assert words.reason_sentence("too_early", early).startswith("Day 9 of 14:")
    few = held("too_few_users", experiment=sample.experiment(users=(2000, 212)))
    assert words.reason_sentence("too_few_users", few) == "Needs 1,000 users an arm; has 212."
    failed = held(
        "integrity", integrity=(sample.check("srm", "fail", "Find the lost users."), sample.check("schema"))
    )
    assert words.reason_sentence("integrity", failed) == (
        'The data cannot be trusted: "Split of users as planned" failed. Find the lost users.'
    )
    harmed = held("slice_harm", slices=(sample.slice_of("tv", -0.12, -0.09, -0.05, harm=True),))
    assert words.reason_sentence("slice_harm", harmed).startswith(
        "Device tv: likely between -12 % and -5.0 %."
    )
    huge = held(
        "implausible_lift", kpis=(sample.kpi(0.2, 0.42, 0.6, 0.34, implausible=True, implausible_p=0.00102),)
    )
    assert words.reason_sentence("implausible_lift", huge).startswith(
        "A lift of +42 % is too large to believe (under 1 % of real changes look this large)."
    )
    below = held("below_break_even", kpis=(sample.kpi(-0.03, -0.01, 0.006, -0.008),))
    assert words.reason_sentence("below_break_even", below) == (
        "Pays for itself above +1.1 %. Even the high end (+0.6 %) does not reach that."
    )
    warned = held("guardrail_unproven", guardrails=(sample.latency("warn", 0.06, 0.14, more_days=9),))
    assert words.verdict_headline(warned) == "HOLD: p95 latency not shown safe yet"
    unproven = held("economics_unproven", roi=sample.roi(p_npv_positive=0.897))
    assert "89.7 % chance of making money; 90 % was asked for" in words.verdict_sentence(unproven)


@pytest.mark.parametrize(
    ("lower", "probability", "said"),
    [
        (-0.01, 0.7, "Likely to pay, not proven: the range includes a loss."),
        (0.005, 0.7, "Likely to pay, not proven: the range includes gains that do not pay."),
        (0.02, 0.7, "Likely to pay, not proven."),
        (-0.01, 0.3, "Not likely to pay yet: the range includes a loss."),
    ],
)
def test_standing_while_waiting(lower, probability, said):
    review = held(
        "waiting_pays",
        kpis=(sample.kpi(lower, 0.03, 0.06, 0.02),),
        roi=sample.roi(p_npv_positive=probability),
        waiting=sample.waiting(),
    )
    assert words.verdict_sentence(review).startswith(said + " Waiting costs")


def test_incident_and_distrust():
    review = sample.roll_back()
    assert words.incident_sentence(review) is None
    assert words.reliance_sentence(review) is None
    bad = held("integrity", integrity=(sample.check("srm", "fail"),), guardrails=review.guardrails)
    bad = bad.model_copy(update={"decision": sample.decision("hold", "integrity", incident=True)})
    assert "p95 latency beyond its limit. Consider switching off now." in words.incident_sentence(bad)
    assert words.reliance_sentence(bad).startswith("Do not rely on the lift or the money")
    assert [tile.note for tile in words.tiles(bad)][::2] == ["do not rely on it"] * 2
    assert "do not rely on it" not in [tile.note for tile in words.tiles(review)]


@pytest.mark.parametrize(
    ("count", "said"), [(0, "No changes"), (1, "1 change "), (2, "2 changes"), (10, "10 changes")]
)
def test_changes(count, said):
    inputs = sample.ship().inputs.model_copy(update={"changed": tuple(f"s{i}" for i in range(count))})
    assert words.changes_sentence(sample.ship(inputs=inputs)).startswith(said)


def test_flips():
    assert words.flip_sentences(sample.ship()) == (
        "Value per action below EUR 7.20 makes it HOLD (now EUR 18.00).",
    )
    assert words.flip_sentences(sample.hold()) == (
        "No price or cost makes this SHIP while the range includes zero.",
    )
    assert words.flip_sentences(sample.roll_back()) == ("No single price or cost changes this verdict.",)
    assert words.flip_sentences(sample.plan_only()) == ()
    above = words.flip_sentence(Flip(input="margin", at=0.5, becomes="ship"), sample.hold())
    assert above == "Margin above 50 % makes it SHIP (now 35 %)."
    for name, at, text in (
        ("value_per_action", 25.031, "Value per action above EUR 25.10 makes it SHIP (now EUR 18.00)."),
        (
            "value_per_action",
            25.0800000001,
            "Value per action above EUR 25.10 makes it SHIP (now EUR 18.00).",
        ),
        ("value_per_action", 7.204, "Value per action below EUR 7.20 makes it SHIP (now EUR 18.00)."),
        ("value_per_action", 7.1999999, "Value per action below EUR 7.20 makes it SHIP (now EUR 18.00)."),
        ("value_per_action", 7.199, "Value per action below EUR 7.19 makes it SHIP (now EUR 18.00)."),
        ("horizon_months", 9.0, "Horizon in months of 9 or less makes it SHIP (now 12)."),
        (
            "eligible_requests_per_month",
            12_345_678.0,
            "Eligible requests a month above 12,400,000 makes it SHIP (now 10,000,000).",
        ),
    ):
        assert words.flip_sentence(Flip(input=name, at=at, becomes="ship"), sample.ship()) == text


@pytest.mark.parametrize("base", [sample.ship, sample.hold, sample.roll_back, sample.plan_only])
def test_the_formula_multiplies_out_to_the_benefit(base):
    review = base()
    product = 1.0
    for factor in words.formula_factors(review):
        product *= factor.value
    assert product == pytest.approx(review.roi.pv_benefit, rel=1e-9)
    assert product - review.roi.pv_cost == pytest.approx(review.roi.npv, rel=1e-9)


def test_the_formula_names_its_figures_and_their_basis():
    review = sample.ship()
    said = words.formula_sentence(review)
    for part in (
        "+3.5 %",
        "10.0 million eligible requests a month",
        "EUR 18.00 a conversion",
        "margin 35 %",
        "EUR 127,693",
    ):
        assert part in said
    basis = {factor.name: factor.basis for factor in words.formula_factors(review)}
    assert basis["lift"] == basis["baseline"] == "measured"
    assert basis["value"] == basis["traffic"] == basis["margin"] == "assumed"
    assert {factor.basis for factor in words.formula_factors(sample.plan_only())} == {"assumed"}


def test_a_money_kpi_has_no_value_per_action():
    kpi = sample.kpi(0.001, 0.041, 0.0835, 0.035, id="revenue_per_request", unit="money per request")
    review = sample.ship(kpis=(kpi,), roi=sample.roi(baseline=0.216))
    assert "value" not in {factor.name for factor in words.formula_factors(review)}
    assert "EUR 0.216 a request" in words.formula_sentence(review)


def test_no_formula_where_money_cannot_be_counted():
    review = sample.ship(roi=sample.no_roi("zero_denominator"))
    assert words.formula_factors(review) == ()
    assert words.formula_sentence(review).startswith("Cannot tell")


@pytest.mark.parametrize("base", sample.ALL.values(), ids=sample.ALL)
def test_tiles_fit(base):
    for tile in words.tiles(base()):
        assert 0 < len(tile.value) <= 9
        assert 0 < len(tile.note) <= 18


def test_tiles_say():
    lift, guardrails, value, risks = words.tiles(sample.ship())
    assert (lift.value, lift.note) == ("+4.1 %", "+0.1 to +8.3 %")
    assert (guardrails.value, guardrails.note) == ("2 of 2", "all within limits")
    assert (value.value, value.note) == ("EUR 128k", "98 % above 0")
    assert (risks.value, risks.note) == ("1 open", "first due 1 Dec")
    assert words.tiles(sample.hold())[1].note == "1 cannot tell"
    assert words.tiles(sample.roll_back())[1].note == "1 over the limit"


@pytest.mark.parametrize(
    "status",
    [
        "pass",
        "warn",
        "fail",
        "breach",
        "ok",
        "watch",
        "act",
        "cannot_tell",
        "not_measurable",
        "ship",
        "hold",
        "roll_back",
    ],
)
def test_every_status_has_icon_and_word(status):
    mark = words.status_mark(status)
    assert mark.icon.startswith(":material/")
    assert mark.word


def test_names():
    assert words.kpi_name("ctr") == "click-through rate"
    assert words.guardrail_name("empty_rate") == "empty recommendations"
    assert words.check_title("srm") == "Split of users as planned"
    assert words.check_title("new_check") == "New check"
    assert words.check_status_word("fail") == "Failed"
    assert words.setting_name("margin_error_rate") == "limit for error rate"
    assert words.setting_name("alpha") == "error level of the KPI, two-sided"
    assert words.setting_value("revenue_cap", 500.0, "EUR") == "EUR 500.00"
    assert words.setting_value("click_window_hours", 24, "EUR") == "24 hours"
    assert words.setting_value("click_window_hours", 1.0, "EUR") == "1 hour"
    assert words.setting_value("ops_hours_per_month", 1, "EUR") == "1"  # its name says hours
    assert words.setting_value("engineering_hours", 320, "EUR") == "320"  # its name says hours
    assert words.setting_value("ramp", [0.25, 0.5, 1.0], "EUR") == "25 %, 50 %, 100 %"
    assert words.setting_value("infra_per_month", 1500, "EUR") == "EUR 1,500.00"
    assert words.setting_value("mature_only", False, "EUR") == "no"
    assert words.setting_value("ranges", {"margin": [0.2, 0.3, 0.4]}, "EUR") == "margin: 20 %, 30 %, 40 %"
    assert words.setting_value("start", None, "EUR") == "none"


def test_alt_texts():
    review = sample.ship()
    assert "+0.1 % and +8.3 %" in words.verdict_picture_alt(review)
    assert "Pays for itself above +1.1 %." in words.verdict_picture_alt(review)
    assert words.verdict_picture_alt(sample.plan_only()).startswith("No lift is measured yet.")
    assert "starts at EUR -31,200 and stands at EUR 136,770 after month 12" in words.cash_alt(review.roi)
    assert "less than EUR 44,258, one in ten of more than EUR 211,127" in words.npv_alt(review.roi)
    assert "lift (measured) from EUR -42,876 to EUR -9,502" in words.tornado_alt(review.roi)
    gone = sample.no_roi("missing")
    assert all(
        alt(gone).startswith("Cannot tell") for alt in (words.cash_alt, words.npv_alt, words.tornado_alt)
    )


def test_where_any_gain_pays_the_smallest_lift_worth_shipping_is_spoken_of():
    def said(days, least, upper=0.069):
        scenario = sample.SCENARIO | {"min_effect": least}
        review = sample.ship(
            roi=sample.roi(break_even_lift=0.0, lift=0.05),
            kpis=(sample.kpi(0.001, 0.02, upper, 0.018),),
            waiting=sample.waiting(days_to_detect_break_even=days),
        )
        inputs = review.inputs.model_copy(update={"scenario": scenario})
        return words.run_time_sentence(review.model_copy(update={"inputs": inputs}))

    goal = "the smallest lift worth shipping (+1.0 %)"
    assert said(28, 0.01) == f"Any gain pays. {goal.capitalize()} would show after about 28 days."
    assert said(700, 0.01).startswith(
        f"Any gain pays. This pilot cannot prove {goal}: it would take 700 days"
    )
    assert said(None, 0.01) == f"Any gain pays. No test of up to ten years shows {goal}."
    assert said(28, 0.01, upper=0.005) == (
        f"Any gain pays. More days are not expected to prove {goal}: the whole range lies below it."
    )
    assert said(None, 0.0) == "Any gain pays, so there is no lift that a test would have to show."


def test_differences_of_money_and_time_have_their_unit():
    money = sample.kpi(-0.02, 0.018, 0.06, 0.01, unit="money per request", control=0.216, candidate=0.22)
    assert words.difference_sentence(money, "EUR") == "EUR +0.00400 (+1.9 % of EUR 0.216)."
    assert words.difference_sentence(money, "JPY").startswith("JPY +0.00400")
    time = money.model_copy(update={"unit": "seconds per user", "relative_lift": None})
    assert words.difference_sentence(time, "EUR") == "+0.00400 s (+1.9 % of 0.216 s)."
    assert words.kpi_sentence(time, "EUR").startswith("Likely between -0.000240 s and +0.000720 s.")


def test_the_counted_lift_of_a_table_is_the_one_that_money_counts_with():
    kpi = sample.kpi(-0.02, 0.018, 0.06, 0.01)
    assert kpi.mature is not None
    assert kpi.posterior is not None
    mature = kpi.mature.model_copy(update={"posterior": kpi.posterior.model_copy(update={"mean": 0.004})})
    kpi = kpi.model_copy(update={"mature": mature})
    assert words.kpi_cells(kpi, "EUR")[4] == "+0.4 %"
    assert "we count +0.4 %" in words.belief_sentence(kpi)


def test_a_line_of_the_decay_has_the_side_on_which_it_turns():
    """Nobody gave the decay, so the KPI's own counts: 0.8 % a month for conversions."""
    flips = (Flip(input="lift_decay_monthly", at=0.0213, becomes="hold"),)
    review = sample.ship(decision=sample.ship().decision.model_copy(update={"flips": flips}))
    assert words.flip_sentences(review) == (
        "Decay of the lift a month above 2.13 % makes it HOLD (now 0.8 %).",
    )


def test_a_deviation_of_a_setting_that_is_not_known_is_told():
    later = Deviation(setting="from_later", planned=3, now=4)
    assert words.deviation_sentence(later, "EUR") == "From later: planned 3, now 4."
