"""The app's log: JSON lines or text, personal data masked, nothing of what an exception says."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys_roi.dashboard.log_lines import log_lines, log_script_error
from recsys_roi.errors import InputError, SettingError
from recsys_roi.machine import settings_from, take_over

PERSONAL = "anna.smith@example.org paid 4111 1111 1111 1111"


@pytest.fixture(autouse=True)
def factory() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(before)


def fault(caplog: pytest.LogCaptureFixture) -> tuple[str, str]:
    """The reference of a fault whose exception says something personal, and the line in the log."""
    try:
        raise ValueError(PERSONAL)
    except ValueError as problem:
        reference = log_script_error(problem)
    (record,) = caplog.records
    return reference, logging.Formatter("%(message)s").format(record)


def test_a_fault_as_a_json_line(caplog: pytest.LogCaptureFixture):
    assert log_lines({"RECSYS_ROI_LOG": "json"})
    reference, line = fault(caplog)
    told = json.loads(line)
    assert told["level"] == "error"
    assert reference in told["message"]
    assert told["failed"][0] == "ValueError"
    assert told["failed"][1].startswith("test_log_lines.py:")
    assert "anna" not in line
    assert "4111" not in line


def test_a_fault_as_text(caplog: pytest.LogCaptureFixture):
    assert not log_lines({})
    reference, line = fault(caplog)
    assert reference in line
    assert "ValueError" in line
    assert "anna" not in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_message_is_masked(caplog: pytest.LogCaptureFixture, form):
    log_lines({"RECSYS_ROI_LOG": form})
    logging.getLogger("other").warning("Of %s.", PERSONAL)
    line = logging.Formatter("%(message)s").format(caplog.records[0])
    assert "[e-mail]" in line
    assert "anna" not in line


def test_another_form_is_refused():
    with pytest.raises(SettingError, match="must be one of text, json"):
        log_lines({"RECSYS_ROI_LOG": "xml"})


def test_settings_of_a_file_stand_behind_the_environment(tmp_path: Path):
    file = tmp_path / "settings"
    file.write_text("# ours\n\nRECSYS_ROI_AUTH = proxy\nRECSYS_ROI_LOG=json\n")
    environment = {"RECSYS_ROI_LOG": "text"}
    take_over(settings_from(file), environment)
    assert environment == {"RECSYS_ROI_AUTH": "proxy", "RECSYS_ROI_LOG": "text"}


@pytest.mark.parametrize(
    "line", ["RECSYS_ROI_AUHT=proxy", "PATH=/tmp", "RECSYS_ROI_AUTH", "export RECSYS_ROI_AUTH=off"]
)
def test_a_line_that_is_no_setting_is_said(tmp_path: Path, line):
    file = tmp_path / "settings"
    file.write_text(f"\n{line}\n")
    with pytest.raises(InputError, match="line 2: is no setting of the machine"):
        settings_from(file)
