"""The starter kit of a plan: valid example logs, its settings, a check for the loggers' own build."""

from __future__ import annotations

from recsys_roi.logs.contracts import CONTRACTS
from recsys_roi.render.pack.settled import zipped
from recsys_roi.render.plan.document import plan_markdown, plan_names, plan_needs
from recsys_roi.render.plan.examples import example_logs
from recsys_roi.review.agreed_plan import scenario_to_lock
from recsys_roi.review.document import Review

FOLDER = "starter-kit"

README = """# Starter kit for the loggers

- `plan.md`: the measurement plan. `scenario.json`: its settings.
- `exposures.jsonl`, `outcomes.jsonl`, `assignments.jsonl`: valid lines of each log, made up.
- `validate-logs.yml`: a workflow for GitHub; the same command runs in any other build.

Check your own lines. The exit status is 0 when all are accepted, 1 when one is rejected, 2 for wrong usage:

    recsys-roi validate exposures.jsonl outcomes.jsonl assignments.jsonl
    recsys-roi validate --format github logs/*.jsonl     # errors beside the lines of a pull request
    recsys-roi validate --rejects rejected.csv logs/*.jsonl

See what a review of them looks like (the examples are far too few to decide anything):

    recsys-roi review exposures.jsonl outcomes.jsonl assignments.jsonl --scenario scenario.json
"""

WORKFLOW = """name: Validate the logs
on: pull_request

jobs:
  validate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install recsys-roi  # or the wheel that your company keeps
      - run: recsys-roi validate --format github logs/*.jsonl
"""


def starter_kit(review: Review) -> bytes:
    """The kit of a plan as a .zip; the same plan gives the same bytes."""
    scenario = scenario_to_lock(review)
    logs = example_logs(plan_needs(scenario), plan_names(scenario))
    files = {
        "README.md": README,
        "plan.md": plan_markdown(review),
        "scenario.json": scenario.to_json(),
        "validate-logs.yml": WORKFLOW,
        **{
            f"{CONTRACTS[kind].table}.jsonl": "".join(f"{line}\n" for line in logs[kind])
            for kind in CONTRACTS
        },
    }
    return zipped({f"{FOLDER}/{name}": text.encode() for name, text in files.items()})
