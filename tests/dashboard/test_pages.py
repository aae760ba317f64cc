"""Every page really runs, on every state a pilot can be in, and shows the figures of the review."""

import json
from datetime import UTC, datetime
from math import floor
from pathlib import Path

import pytest
from app_driver import PAGES, go, open_app, read, text_of, tiles

from recsys_roi.dashboard import sections
from recsys_roi.dashboard.samples import base_settings
from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.evidence.viewing import evidence_of
from recsys_roi.logs.pilot import Pilot
from recsys_roi.render import pack
from recsys_roi.review.evaluate import evaluate, view_of
from recsys_roi.value.scenario import Scenario

FACTS = json.loads(
    (Path(__file__).parents[1] / "data" / "open_bandit_all" / "facts.json").read_text(encoding="utf-8")
)
SHOP, BANDIT = "Sample shop", "Sample Open Bandit"


@pytest.fixture(scope="module")
def shop(home):
    """The review of the shop sample, made without the app."""
    open_app()
    scenario = Scenario.of(base_settings(SHOP))
    evidence = evidence_of(Pilot.open(home, SHOP), view_of(scenario))
    return evaluate(evidence, scenario, as_of=datetime(2026, 11, 24, tzinfo=UTC))


@pytest.mark.parametrize("pilot", [SHOP, BANDIT, "Empty", "No assignments", "Own", "Two experiments"])
def test_every_page_runs_whatever_the_pilot_holds(pilot):
    app = open_app(pilot=pilot)
    for page in PAGES:
        go(app, page)
        assert not app.exception, (page, [found.value for found in app.exception])
        assert "Traceback" not in text_of(app)
        assert text_of(app), page
        assert len(app.sidebar.selectbox) >= 2, page


@pytest.mark.parametrize("kpi", KPIS)
def test_every_kpi_can_be_the_primary_one(kpi):
    app = open_app(pilot=SHOP, kpi=kpi)
    for page in ("summary", "lift", "roi", "plan"):
        go(app, page)
        assert not app.exception, (page, [found.value for found in app.exception])
    assert app.selectbox(key="side_kpi").value == kpi


@pytest.mark.parametrize("chosen", [tuple(GUARDRAILS)[:4], tuple(GUARDRAILS)[4:]])
def test_every_guardrail_has_its_row_and_its_limit(chosen):
    app = open_app("guardrails", pilot=SHOP, guardrails=",".join(chosen))
    assert not app.exception
    limits = [slider.key for slider in app.main.slider]
    assert limits == [f"page_{GUARDRAILS[name].margin_setting}" for name in chosen]


def test_the_summary_shows_the_verdict_and_the_four_figures(shop):
    app = open_app(pilot=SHOP)
    lift = shop.primary.relative_lift
    assert shop.decision.decision == "ship"
    assert app.main.markdown[0].value.startswith("# :green[:material/rocket_launch: SHIP]")
    found = tiles(app)
    assert found["Lift in click-through rate"] == (
        f"{lift.estimate * 100:+.0f} %",
        f"{lift.lower * 100:+.1f} to {lift.upper * 100:+.0f} %",
    )
    assert found["Guardrails"] == ("3 of 3", "all within limits")
    assert found["Value over 12 months"][0] == f"EUR {shop.roi.npv / 1000:.1f}k"
    assert found["Value over 12 months"][1] == f"{shop.roi.p_npv_positive * 100:.0f} % above 0"
    open_risks = sum(risk.status != "ok" for risk in shop.risks)
    assert found["Open risks"][0] == f"{open_risks} open"


def test_the_summary_tells_which_lines_would_change_the_verdict(shop):
    text = text_of(open_app(pilot=SHOP))
    price = next(flip for flip in shop.decision.flips if flip.input == "value_per_action")
    below = floor(price.at * 100) / 100  # rounded away from what it is now, so that the sentence stays true
    assert f"Value per action below EUR {below:.2f} makes it HOLD (now EUR 4.30)." in text
    assert "What would change it" in text
    assert "More testing does not pay: it would hardly change the answer." in text


def test_the_summary_gives_at_most_three_reasons_before_the_fold():
    app = open_app(pilot=BANDIT)
    why = app.main.markdown[[m.value for m in app.main.markdown].index("### Why") + 1].value
    assert why.count("\n- ") + 1 <= 3
    assert "Day 7 of 14" in text_of(app)


def test_the_pictures_tell_the_lift_and_its_range_to_those_who_do_not_see_them(shop):
    app = open_app(pilot=SHOP)
    lift = shop.primary.relative_lift
    verdict, evenings = [image.proto.imgs[0].alt for image in app.main.get("image")]
    assert f"{lift.lower * 100:+.1f} % and {lift.upper * 100:+.0f} %" in verdict
    assert "The range first left zero out on 8 Oct 2026." in evenings


def test_the_summary_has_no_chart_to_wait_for():
    assert not open_app(pilot=SHOP).get("plotly_chart")


def test_the_real_pilot_shows_both_click_rates():
    found = tiles(open_app("lift", pilot=BANDIT))
    control, candidate = (FACTS["ctr"][arm] for arm in ("control", "candidate"))
    assert (control["rate"], candidate["rate"]) == (0.0038, 0.0042)
    assert found["Control (random): click-through rate"][0] == "0.380 %"
    assert found["Candidate (bts): click-through rate"][0] == "0.420 %"
    assert found["Control (random): click-through rate"][1].endswith(f"{control['n']:,} requests")


def test_what_the_real_pilot_did_not_log_is_not_a_zero():
    text = text_of(open_app("guardrails", pilot=BANDIT))
    assert "Cannot tell: latency_ms is not logged." in text
    assert "Cannot tell: error is not logged." in text
    assert "none was seen in either arm" in text
    assert "Preliminary until 8 Dec 2019" not in text


def test_the_guardrails_show_both_arms(shop):
    text = text_of(open_app("guardrails", pilot=SHOP))
    latency = next(guardrail for guardrail in shop.guardrails if guardrail.id == "p95_latency")
    assert f"{latency.control:.0f} ms → {latency.candidate:.0f} ms" in text
    assert "Shown to stay within its limit" in text


def test_the_formula_on_the_roi_page_multiplies_out_to_the_value(shop):
    app = open_app("roi", pilot=SHOP)
    roi = shop.roi
    assert (
        f"= EUR {roi.pv_benefit:,.0f} benefit; minus EUR {roi.pv_cost:,.0f} costs = EUR {roi.npv:,.0f}"
        in (text_of(app))
    )
    assert roi.pv_benefit - roi.pv_cost == pytest.approx(roi.npv)
    found = tiles(app)
    assert found["Net present value"][0] == f"EUR {roi.npv / 1000:.1f}k"
    assert found["Break-even lift"][0] == f"{roi.break_even_lift * 100:+.1f} %"
    assert "EUR 12,000 is already spent and left out of the verdict." in text_of(app)


def test_the_risks_are_counted_and_filtered(shop):
    app = open_app("risks", pilot=SHOP)
    counts = {word: int(value) for word, (value, _) in tiles(app).items()}
    assert sum(counts.values()) == len(shop.risks) == len(app.main.expander) - 1  # and the audit trail
    assert counts["OK"] == sum(risk.status == "ok" for risk in shop.risks)
    (families,) = app.main.get("button_group")
    families.set_value("Privacy and compliance").run()
    privacy = [risk for risk in shop.risks if risk.family == "Privacy and compliance"]
    assert len(app.main.expander) == len(privacy) + 1
    app.toggle(key="risk_open").set_value(True).run()
    assert len(app.main.expander) == sum(risk.status != "ok" for risk in privacy) + 1


def test_the_logs_page_accounts_for_every_line(shop):
    found = tiles(open_app("logs", pilot=SHOP))
    lines = sum(file.lines for file in shop.inputs.files)
    assert found["Lines"][0] == found["Accepted"][0] == f"{lines:,}"
    assert found["Rejected"][0] == "0"


def test_rejected_lines_are_shown_by_reason_and_with_file_line_and_field():
    app = open_app("logs", pilot="Two experiments")
    assert tiles(app)["Rejected"] == ("3", "0.01 % of all")
    by_reason = next(table.value for table in app.main.table if "What is wrong" in table.value.columns)
    rows = {tuple(map(read, row)) for row in by_reason.itertuples(index=False)}
    assert rows == {
        ("The line is not JSON", "the whole line", "1", "second.jsonl, line 501: {broken", "not_json"),
        (
            "A required field is null or empty",
            "variant",
            "1",
            "second.jsonl, line 502: null",
            "null_or_empty",
        ),
        ("The contract has no such key", "colour", "1", "second.jsonl, line 503: red", "unknown_key"),
    }
    (errors,) = (frame.value for frame in app.main.dataframe)
    assert list(errors["Line"]) == [501, 502, 503]
    assert set(errors["File"]) == {"second.jsonl"}
    assert list(errors["Field"]) == ["", "variant", "colour"]


def test_a_pilot_without_logs_is_a_plan_and_says_what_is_assumed():
    app = open_app(pilot="Empty")
    assert ": PLAN]: loses about" in app.main.markdown[0].value.replace("\\", "")
    assert tiles(app)["Lift"] == ("No logs", "nothing measured")
    assert tiles(app)["Value over 12 months"][1] == "lift assumed"
    assert "Every figure is assumed" in text_of(app)
    assert "No logs yet, so nothing is measured." in text_of(go(app, "lift"))
    assert "outcome.v1" in text_of(go(app, "plan"))
    assert "Expected lift (%)" in [field.label for field in app.main.number_input]


def test_without_assignments_each_page_says_what_to_add():
    app = open_app(pilot="No assignments")
    for page in PAGES:
        go(app, page)
        said = text_of(app)
        assert "add an assignment.v1 log" in said, page
        if page == "plan":
            assert "The plan is shown without these logs." in said
            assert "What we want to know" in said
        elif page != "logs":
            assert "Assignments, which user was in which variant: no line of assignment.v1." in said.replace(
                "**", ""
            ), page


def test_names_from_logs_are_shown_letter_by_letter():
    app = open_app("logs", pilot="Two experiments")
    (message,) = app.main.error
    assert "name one with experiment" in message.value
    assert "<b>" not in message.value
    assert "](" not in message.value
    assert "www." not in message.value
    assert "://" not in message.value


def test_the_export_menu_offers_every_format_of_the_pack():
    app = open_app(pilot=SHOP)
    offered = {button.proto.label for button in app.main.get("download_button")}
    assert len(offered) == len(sections.EXPORTS)
    for ending in pack.WRITERS:
        assert [label for label in offered if label.endswith(f"({ending})")], ending
