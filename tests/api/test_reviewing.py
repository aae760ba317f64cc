"""Logs to reviews by the Python API: the same as by the command line, and errors that say what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import recsys_roi
from recsys_roi.cli import main
from recsys_roi.record.plans import PlanStore
from recsys_roi.record.statements import StatementStore
from recsys_roi.review.document import to_json
from tests.real_logs import OPEN_BANDIT, SHOP, facts, logs

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_the_same_review_as_the_command_line(capsys):
    arguments = ["--control", "random", "--candidate", "bts", "--kpi", "ctr", "--set", "margin=0.4"]
    arguments += ["--made-at", NOW.isoformat(), "--format", "json"]
    assert main(["review", *map(str, logs(OPEN_BANDIT)), *arguments]) == 0
    with recsys_roi.open_logs(*logs(OPEN_BANDIT)) as opened:
        review = opened.review(as_of=NOW, control="random", candidate="bts", kpi="ctr", margin=0.4)
    assert to_json(review) == capsys.readouterr().out


def test_figures_of_real_logs():
    with recsys_roi.open_logs(*logs(OPEN_BANDIT)) as opened:
        review = opened.review(control="random", candidate="bts", kpi="ctr")
        sums = opened.evidence(control="random", candidate="bts").kpis["ctr"].sums
    known = facts(OPEN_BANDIT)["ctr"]
    assert review.primary.control == pytest.approx(known["control"]["rate"], rel=1e-12)
    assert sums.candidate.ratio == pytest.approx(known["candidate"]["rate"], rel=1e-12)


def test_a_plan_is_assumed_and_decides_nothing(capsys):
    assert main(["review", "--made-at", NOW.isoformat(), "--set", "kpi=ctr"]) == 0
    planned = recsys_roi.plan(as_of=NOW, kpi="ctr")
    assert recsys_roi.text(planned) == capsys.readouterr().out
    assert (planned.decision.decision, planned.roi.basis) == (None, "assumed")


def test_settings_go_before_the_scenario(shop, shop_scenario):
    assert shop.review(shop_scenario).roi.currency == "EUR"
    changed = shop.review(shop_scenario, currency="USD", value_per_action=3.5)
    assert (changed.roi.currency, changed.inputs.scenario["value_per_action"]) == ("USD", 3.5)
    assert shop_scenario.currency == "EUR"


def test_a_kept_pilot_starts_from_its_locked_plan(home):
    plan = recsys_roi.Scenario.of({"kpi": "clicks_per_request", "min_effect": 0.02})
    PlanStore(home, "shop").lock(plan.dump(), fingerprint=plan.fingerprint, who="Anna", at=NOW)
    with recsys_roi.ingest("shop", *logs(SHOP)) as opened:
        followed = opened.review(as_of=NOW)
        other = opened.review(as_of=NOW, kpi="ctr")
    assert (followed.primary.id, followed.inputs.scenario["min_effect"]) == ("clicks_per_request", 0.02)
    assert followed.record.plan.deviations == ()
    assert [one.setting for one in other.record.plan.deviations] == ["kpi"]


def test_what_it_was_made_from_is_told(shop):
    assert [file.kind for file in shop.files] == ["exposure.v1", "outcome.v1", "assignment.v1"]
    assert shop.names.variants == {"home-ranking": ("candidate", "control")}
    assert shop.name is None
    assert "exposures.jsonl.gz" in repr(shop)


def test_a_kept_pilot_and_what_people_stated_of_it(home, capsys):
    opened = recsys_roi.ingest("shop", *logs(SHOP))
    assert recsys_roi.pilots() == ("shop",)
    again = recsys_roi.ingest("shop", logs(SHOP)[0])
    assert [file.hash for file in again.files] == [file.hash for file in opened.files]
    store = StatementStore(home, "shop")
    store.attest("aa_run", who="Ada", at=NOW, note="p = 0.4")
    review = recsys_roi.open_pilot("shop", home_folder=home).review(as_of=NOW)
    assert [(note.who, note.holds) for note in review.record.attestations] == [("Ada", True)]
    assert review.record.audit_head == store.record().audit_head
    assert main(["review", "--pilot", "shop", "--made-at", NOW.isoformat(), "--format", "json"]) == 0
    assert to_json(review) == capsys.readouterr().out


def test_folders_are_looked_through_and_what_is_no_log_is_told():
    with pytest.warns(UserWarning, match="Passed over") as told, recsys_roi.open_logs(SHOP) as opened:
        assert sorted(file.name for file in opened.files) == sorted(path.name for path in logs(SHOP))
    passed_over = [str(warning.message).split(":")[0] for warning in told]
    assert passed_over == ["Passed over scenario.json", "Passed over truth.json"]


def test_rejected_lines_are_a_frame_and_validation_keeps_nothing(tmp_path):
    good = '{"request_id": "r1", "user_id": "u1", "ts": "2026-10-05T09:00:00Z", "items": []}\n'
    bad = '{"request_id": "r2", "user_id": "u1", "ts": "yesterday", "items": []}\n'
    file = tmp_path / "exposures.jsonl"
    file.write_text(good + bad, encoding="utf-8")
    (found,) = recsys_roi.validate(file)
    assert (found.lines, found.accepted, found.rejected) == (2, 1, 1)
    with recsys_roi.open_logs(file) as opened:
        rejects = opened.rejects()
    assert rejects.to_dict("records") == [
        {"file": "exposures.jsonl", "line": 2, "field": "ts", "reason": "bad_timestamp", "value": "yesterday"}
    ]


def test_closed_logs_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened = recsys_roi.open_logs(*logs(OPEN_BANDIT))
    assert list(tmp_path.iterdir())
    opened.close()
    assert not list(tmp_path.iterdir())
    with pytest.raises(recsys_roi.RecsysRoiError, match="no longer there"):
        opened.review()


def test_logs_that_are_let_go_of_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    recsys_roi.open_logs(*logs(OPEN_BANDIT))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: recsys_roi.open_logs("nowhere.jsonl"), r"nowhere\.jsonl: does not exist"),
        (recsys_roi.open_logs, "No file was given"),
        (lambda: recsys_roi.open_review("nowhere.json"), r"nowhere\.json: cannot be read: No such file"),
        (lambda: recsys_roi.open_pilot("nobody"), "Unknown pilot 'nobody'. Known: none"),
        (lambda: recsys_roi.plan(margn=0.4), "Unknown setting 'margn'"),
        (lambda: recsys_roi.plan(margin=4), "Setting margin must be a number between 0 and 1; 4 was given"),
        (lambda: recsys_roi.plan(as_of=datetime(2026, 1, 1)), "Setting as_of must be a time with its offset"),  # noqa: DTZ001
        (lambda: recsys_roi.export(recsys_roi.plan(), "review.doc"), r"review\.doc: cannot be written"),
    ],
)
def test_errors_say_what_and_where(home, wrong, said):
    with pytest.raises(recsys_roi.InputError, match=said):
        wrong()


def test_a_view_is_counted_once(shop, shop_scenario):
    assert shop.evidence(shop_scenario) is shop.evidence(shop_scenario, margin=0.1)
    assert shop.evidence(shop_scenario) is not shop.evidence(shop_scenario, click_window_hours=1)
