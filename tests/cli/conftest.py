import pytest

from recsys_roi.cli import main


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Runs the command line in a home of its own; gives (exit status, standard output, standard error)."""
    monkeypatch.setenv("RECSYS_ROI_HOME", str(tmp_path / "home"))

    def call(*arguments):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            status = stopped.code
        out, err = capsys.readouterr()
        return status, out, err

    return call
