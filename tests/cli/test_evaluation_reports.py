"""A report of recsys-eval given with the logs: ingested, shown in the review, and gone when it is removed."""

import json

from recsys_roi.demo import write_demo
from recsys_roi.logs.pilot import Pilot


def test_a_report_among_the_logs_stands_in_the_review_until_it_is_removed(run, tmp_path):
    logs = tmp_path / "logs"
    write_demo(logs, requests=2000, seed=3, lift=0.05)
    (logs / "truth.json").unlink()
    assigned = json.loads((logs / "assignments.jsonl").read_text(encoding="utf-8").splitlines()[0])
    arms = [
        {"variant": name, "exposures": 1000, "clicks": clicks, "conversions": 0, "revenue": 0.0}
        for name, clicks in (("control", 100), ("candidate", 110))
    ]
    report = {
        "run_id": "run-7",
        "mode": "experiment",
        "created_at": "2026-11-01T00:00:00Z",
        "version": "0.1.0",
        "summary": {},
        "experiment": {"experiment_id": assigned["experiment_id"], "variants": arms},
    }
    (logs / "report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    status, out, err = run("ingest", "--pilot", "p", *sorted(logs.iterdir()))
    assert (status, err) == (0, "")
    assert "report.json: a report of recsys-eval (report.v1, experiment of " in out

    _, out, _ = run("review", "--pilot", "p", "--format", "json")
    (beside,) = json.loads(out)["evaluations"]
    click = beside["rows"][0]
    assert (beside["name"], click["metric"], click["kpi"]) == ("report.json", "ctr", "clicks_per_request")
    assert (click["theirs"]["control"], click["theirs"]["candidate"]) == (0.1, 0.11)
    assert "report.json" not in [file["name"] for file in json.loads(out)["inputs"]["files"]]
    _, of_files, _ = run("review", *sorted(logs.iterdir()))
    assert "report.json: run run-7" in of_files

    pilot = Pilot.open(tmp_path / "home", "p")
    pilot.remove_file(beside["hash"])
    _, out, _ = run("review", "--pilot", "p", "--format", "json")
    assert json.loads(out)["evaluations"] == []
