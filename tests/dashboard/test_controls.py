"""Inputs: what a slider, a link and a reset do to the figures; what is not allowed is refused."""

import pytest
from app_driver import go, open_app, read, text_of, tiles

from recsys_roi.dashboard import widgets

SHOP, BANDIT = "Sample shop", "Sample Open Bandit"
VALUE, TRAFFIC, HORIZON = (
    f"side_{name}" for name in ("value_per_action", "eligible_requests_per_month", "horizon_months")
)


def labels(app):
    sidebar = app.sidebar
    return [widget.label for widget in (*sidebar.selectbox, *sidebar.select_slider, *sidebar.slider)]


def money_line(app):
    """Benefit, costs and value in whole euros, off the formula on the ROI page."""
    formula = next(text for text in map(read, (m.value for m in app.main.markdown)) if " benefit; " in text)
    after = formula.split("full months of")[1]
    words = after.replace("EUR", " ").replace(",", "").replace(".", " ").split()
    return [int(word) for word in words if word.lstrip("-").isdigit()][1:4]


def test_six_inputs_in_the_sidebar():
    assert labels(open_app(pilot=SHOP)) == [
        *("Pilot", "Surface", "KPI"),
        *("Eligible requests a month", "Value of one request with a click", "Horizon"),
    ]


def test_a_revenue_kpi_hides_the_value_per_action():
    app = open_app(pilot=SHOP)
    app.selectbox(key="side_kpi").set_value("revenue_per_request").run()
    assert VALUE not in [slider.key for slider in app.sidebar.select_slider]
    assert "Lift in revenue per request" in tiles(app)


def test_twice_the_value_is_twice_the_benefit_at_the_same_costs():
    app = open_app("roi", pilot=SHOP)
    benefit, costs, value = money_line(app)
    assert value == pytest.approx(benefit - costs, abs=2)
    app.number_input(key="page_value_per_action").set_value(8.6).run()
    more, same, _ = money_line(app)
    assert more == pytest.approx(2 * benefit, abs=2)
    assert same == costs


def test_the_value_slider_moves_the_value_tile():
    app = open_app(pilot=SHOP)
    before = tiles(app)["Value over 12 months"][0]
    app.select_slider(key=VALUE).set_value(7.0).run()
    assert tiles(app)["Value over 12 months"][0] != before
    assert app.query_params["value_per_action"] == "7"


def test_changes_are_counted_and_taken_back():
    app = open_app(pilot=SHOP)
    base = tiles(app)
    app.select_slider(key=TRAFFIC).set_value(700_000.0).run()
    app.slider(key=HORIZON).set_value(24).run()
    assert app.button(key="side_reset").label == "2 changes from Base - Reset"
    assert "2 changes from Base" in text_of(app)
    assert "Value over 24 months" in tiles(app)
    app.button(key="side_reset").click().run()
    assert tiles(app) == base
    assert "side_reset" not in [button.key for button in app.sidebar.button]


def test_a_link_opens_with_exactly_its_values_even_between_the_stops_of_a_slider():
    query = {
        "pilot": BANDIT,
        "control": "random",
        "candidate": "bts",
        "eligible_requests_per_month": "1234567",
        "value_per_action": "0.0375",
        "margin_p95_latency": "0.073",
        "margin": "0.333",
    }
    app = open_app(**query)
    assert app.select_slider(key=TRAFFIC).value == 1_234_567
    assert app.select_slider(key=VALUE).value == 0.0375
    assert "1,234,567 eligible" not in text_of(app)
    go(app, "guardrails")
    assert app.slider(key="page_margin_p95_latency").value == pytest.approx(7.3, abs=1e-12)
    go(app, "roi")
    assert app.number_input(key="page_margin").value == pytest.approx(33.3, abs=1e-12)
    assert app.text_input(key="page_eligible_requests_per_month").value == "1,234,567"
    go(app, "summary")
    assert {name: app.query_params[name] for name in query} == query


def test_the_copied_link_carries_every_setting_that_was_given():
    app = open_app(pilot=SHOP)
    (link,) = app.main.code
    for name, value in (("pilot", "Sample+shop"), ("value_per_action", "4.3"), ("infra_per_month", "350")):
        assert f"{name}={value}" in link.value


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"pilot": "Not here"}, "names a pilot that is not on this machine: 'Not here'"),
        ({"pilot": SHOP, "margin": "7"}, "Setting margin must be a number between 0 and 1"),
        ({"pilot": SHOP, "colour": "red"}, "Unknown setting 'colour'"),
    ],
)
def test_a_link_that_cannot_be_used_says_so_and_the_app_opens(query, said):
    app = open_app(**query)
    assert not app.exception
    assert said in read(app.main.warning[0].value)
    assert tiles(app)["Guardrails"] == ("3 of 3", "all within limits")


def test_an_unknown_experiment_in_a_link_is_a_sentence_with_the_choice_under_it():
    app = open_app(pilot=BANDIT, experiment="none-such")
    assert "Unknown experiment 'none-such'" in read(app.main.error[0].value)
    app.selectbox(key="page_experiment").set_value("obd-all").run()
    assert not app.main.error


def test_a_setting_that_is_not_allowed_changes_nothing_and_is_said():
    app = open_app("guardrails", pilot=SHOP)
    app.pills(key="page_guardrails").set_value(["error_rate"]).run()
    assert "must name 2 to 4 guardrails" in read(app.main.warning[0].value)
    assert app.pills(key="page_guardrails").value == ["p95_latency", "error_rate", "empty_rate"]
    app.run()
    assert not app.main.warning


@pytest.mark.parametrize(
    ("written", "kept"), [("3 million", "3,000,000"), ("450k", "450,000"), ("1,250,000", "1,250,000")]
)
def test_traffic_is_written_as_people_write_it(written, kept):
    app = open_app("roi", pilot=SHOP)
    field = app.text_input(key="page_eligible_requests_per_month")
    field.set_value(written).run()
    assert app.text_input(key="page_eligible_requests_per_month").value == kept


def test_what_is_no_number_is_said():
    app = open_app("roi", pilot=SHOP)
    app.text_input(key="page_eligible_requests_per_month").set_value("many").run()
    assert "'many' is not a number" in read(app.main.warning[0].value)
    assert app.text_input(key="page_eligible_requests_per_month").value == "400,000"


def test_presets_decide_nothing_until_somebody_confirms_them():
    app = open_app(pilot=BANDIT)
    presets = "Traffic, value and costs are presets; enter or confirm them before money decides."
    assert presets in text_of(app)
    assert tiles(app)["Value over 12 months"][1] == "presets, not yours"
    go(app, "roi").button(key="confirm_economics").click().run()
    assert "confirm_economics" not in [button.key for button in app.main.button]
    go(app, "summary")
    assert presets not in text_of(app)
    assert tiles(app)["Value over 12 months"][1].endswith("above 0")


def test_variants_chosen_by_name_alone_are_asked_about_and_turned_round():
    app = open_app("logs", pilot="Own")
    assert "bts is taken as control only because it comes first by name" in text_of(app)
    assert app.selectbox(key="page_control").value == "bts"
    app.button(key="swap_variants").click().run()
    assert app.selectbox(key="page_control").value == "random"
    assert "only because it comes first" not in text_of(app)
    assert tiles(go(app, "lift"))["Control (random): click-through rate"][0] == "0.380 %"


def test_naming_one_of_two_variants_names_the_other():
    app = open_app("logs", pilot="Own")
    app.selectbox(key="page_control").set_value("random").run()
    assert app.selectbox(key="page_candidate").value == "bts"
    assert not app.main.error


def test_a_doubtful_choice_can_be_kept():
    app = open_app("logs", pilot="Own")
    app.button(key="keep_variants").click().run()
    assert app.selectbox(key="page_control").value == "bts"
    assert "only because it comes first" not in text_of(app)


def test_an_experiment_among_several_is_chosen_on_the_page_that_asks():
    app = open_app("lift", pilot="Two experiments")
    assert "The logs hold several experiments" in read(app.main.error[0].value)
    app.selectbox(key="page_experiment").set_value("obd-all").run()
    assert not app.main.error
    assert "Control (bts): click-through rate" in tiles(app)


def test_each_pilot_keeps_its_own_settings_in_a_session():
    app = open_app(pilot=SHOP)
    app.slider(key=HORIZON).set_value(36).run()
    app.selectbox(key="side_pilot").set_value(BANDIT).run()
    assert app.slider(key=HORIZON).value == 12
    app.selectbox(key="side_pilot").set_value(SHOP).run()
    assert app.slider(key=HORIZON).value == 36


def test_a_number_shows_all_its_decimals():
    assert widgets.number_format(0.0375) == "%.4f"
    assert widgets.number_format(12.0) == "%.0f"
    assert widgets.number_format(None) == "%.0f"


def told_again(app):
    """Widgets that the page sends a value to, over what somebody may be typing in them."""
    widgets = [
        *app.number_input,
        *app.text_input,
        *app.slider,
        *app.select_slider,
        *app.selectbox,
        *app.toggle,
    ]
    return {widget.key for widget in widgets if widget.proto.set_value}


def test_a_page_drawn_again_leaves_alone_what_is_being_typed():
    app = open_app("roi", pilot=SHOP)
    app.slider(key=HORIZON).set_value(18).run()
    assert told_again(app) == {"page_horizon_months"}
    app.number_input(key="page_horizon_months").set_value(9).run()
    assert told_again(app) == {HORIZON}


def test_a_slider_whose_ends_move_keeps_its_place():
    app = open_app("guardrails", pilot=SHOP, margin_p95_latency="0.35")
    margin = app.slider(key="page_margin_p95_latency")
    assert (margin.max, margin.value) == (35.0, 35.0)
    margin.set_value(20.0).run()
    margin = app.slider(key="page_margin_p95_latency")
    assert (margin.max, margin.value) == (20.0, 20.0)
