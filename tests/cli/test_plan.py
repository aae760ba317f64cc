"""The plan on the command line: printed, written, locked, opened elsewhere, and held against the logs."""

from __future__ import annotations

import json
import zipfile

from recsys_roi.record.plans import PlanStore
from tests.real_logs import OPEN_BANDIT, logs

PLAN = ("--kpi", "clicks_per_request", "--set", "min_days=7", "--set", "margin_error_rate=0.004")
NAMES = ("--control", "random", "--candidate", "bts")


def test_it_prints_a_plan_before_any_log(run):
    status, out, err = run("plan", "--kpi", "add_to_cart_rate", "--surface", "basket")
    assert (status, err) == (0, "")
    assert out.startswith("# Measurement plan: add-to-cart rate")
    assert '"event_type": "add_to_cart"' in out
    assert '"surface": "basket"' in out


def test_a_locked_plan_is_what_a_review_starts_from_and_is_held_against(run):
    status, out, _ = run("plan", "--pilot", "bandit", *PLAN, "--lock", "--who", "Anna")
    assert (status, out[:15]) == (0, "Locked by Anna ")
    assert run("ingest", "--pilot", "bandit", *logs(OPEN_BANDIT))[0] == 0
    followed = json.loads(run("review", "--pilot", "bandit", *NAMES, "--format", "json")[1])
    plan = followed["record"]["plan"]
    assert (plan["who"], plan["before_data"], plan["deviations"]) == ("Anna", False, [])
    assert followed["inputs"]["scenario"]["min_days"] == 7
    assert next(one["id"] for one in followed["kpis"] if one["primary"]) == "clicks_per_request"
    changed = ("--kpi", "ctr", "--set", "min_days=14")
    _, text, _ = run("review", "--pilot", "bandit", *NAMES, *changed)
    assert "Plan locked by Anna" in text
    assert "2 changes from it" in text
    assert "KPI: planned clicks per request, now click-through rate." in text
    assert "planned 7, now 14." in text


def test_a_second_lock_needs_a_reason(run, tmp_path):
    assert run("plan", "--pilot", "p", "--lock", "--who", "Anna")[0] == 0
    status, out, err = run("plan", "--pilot", "p", "--set", "min_days=7", "--lock", "--who", "Ben")
    assert (status, out) == (1, "")
    assert "A plan of p is locked already. Say why it is locked again: --why TEXT." in err
    again = ("--set", "min_days=7", "--lock", "--who", "Ben", "--why", "A holiday week")
    assert run("plan", "--pilot", "p", *again)[0] == 0
    assert [one.who for one in PlanStore(tmp_path / "home", "p").all()] == ["Anna", "Ben"]


def test_a_locked_plan_travels_as_a_file(run, tmp_path):
    file = tmp_path / "plan.json"
    run("plan", "--pilot", "here", *PLAN, "--lock", "--who", "Anna")
    assert run("plan", "--pilot", "here", "--to", file)[0] == 0
    status, out, _ = run("plan", "--pilot", "there", "--open", file, "--who", "Ben")
    assert (status, out.startswith("Kept the plan that Anna locked: sha256:")) == (0, True)
    (kept,) = PlanStore(tmp_path / "home", "there").all()
    assert (kept.who, kept.brought_by, kept.settings["kpi"]) == ("Anna", "Ben", "clicks_per_request")
    file.write_text(file.read_text(encoding="utf-8").replace('"Anna"', '"Mallory"'), encoding="utf-8")
    status, _, err = run("plan", "--pilot", "other", "--open", file, "--who", "Ben")
    assert status == 1
    assert "plan.json: was changed after the plan was locked" in err


def test_files_by_their_ending(run, tmp_path):
    assert run("plan", "--kpi", "ctr", "--to", tmp_path / "plan.md")[0] == 0
    assert (tmp_path / "plan.md").read_text(encoding="utf-8") == run("plan", "--kpi", "ctr")[1]
    assert run("plan", "--kpi", "ctr", "--to", tmp_path / "kit.zip")[0] == 0
    assert "starter-kit/exposures.jsonl" in zipfile.ZipFile(tmp_path / "kit.zip").namelist()
    for arguments, said in (
        (("--to", tmp_path / "plan.docx"), "a plan is written to a name that ends in .md, .zip, .json"),
        (("--to", tmp_path / "plan.json"), "A locked plan belongs to a pilot"),
        (("--pilot", "new", "--to", tmp_path / "plan.json"), "No plan of new is locked yet"),
        (("--lock", "--who", "Anna"), "A locked plan belongs to a pilot"),
        (("--pilot", "new", "--lock"), "Say who locks the plan"),
        (("--pilot", "new", "--who", "Anna", "--open", tmp_path / "none.json"), "none.json: No such file"),
        (("--pilot", "new", "--who", "Anna", "--open", tmp_path / "plan.md"), "plan.md: is no locked plan"),
        (("--pilot", "new", "--who", "Anna", "--lock", "--set", "margin=9"), "Setting margin must be"),
    ):
        status, out, err = run("plan", *arguments)
        assert (status, out) == (1, "")
        assert said in err
    assert run("review", "--pilot", "new")[2] == "recsys-roi: Unknown pilot 'new'. Known: none.\n"
