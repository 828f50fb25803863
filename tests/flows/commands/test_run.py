"""`vishwaops run`: arguments that are refused before anything starts. tests/flows has the tests of flows."""

import os
from pathlib import Path

import pytest
import yaml

from flows.commands import run
from flows.commands.main import main
from flows.session.prefect_server import ADDRESS
from flows.stages import STAGES
from tests.flows.conftest import Command
from tests.use_cases import content

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of no Prefect server: starting a flow would fail."""
    monkeypatch.setenv(ADDRESS, "http://127.0.0.1:9/api")


def test_prefect_s_logs_are_silent_unless_they_are_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    for level in (levels := ("PREFECT_LOGGING_LEVEL", "PREFECT_INTERNAL_LOGGING_LEVEL")):
        monkeypatch.setenv(level, "")  # so that what the command sets is taken away again
        monkeypatch.delenv(level)
    run.quieten_prefect(verbose=True)
    assert not any(level in os.environ for level in levels)
    run.quieten_prefect(verbose=False)
    assert [os.environ[level] for level in levels] == ["CRITICAL", "CRITICAL"]


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES if not stage.source])
def test_a_source_is_refused_for_a_stage_that_reads_none(stage: str, capsys: Printed) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", stage, "--use-case", "cake_popularity", "--source", "rows.csv"])
    assert ended.value.code == 2
    assert (
        f"--source is valid only for lifecycle, ingest, predict, score; {stage} reads the output"
        in capsys.readouterr().err
    )


def test_instances_are_refused_for_another_flow_than_score(capsys: Printed) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "predict", "--use-case", "cake_popularity", "--instances", "2"])
    assert ended.value.code == 2
    assert "--instances is valid only for score" in capsys.readouterr().err


@pytest.fixture
def without_location(tmp_path: Path) -> str:
    """The YAML file of a use case without a location: each run needs `--source`."""
    path = tmp_path / "cake_elsewhere.yaml"
    changes = {"name": "cake_elsewhere", "source": {"kind": "location"}, "retraining": None}
    path.write_text(yaml.safe_dump({**content("cake_popularity"), **changes}))
    return str(path)


@pytest.mark.parametrize("flow", ["lifecycle", "ingest"])
def test_a_missing_source_is_reported_before_anything_starts(
    nothing_starts: None, without_location: str, flow: str, capsys: Printed
) -> None:
    assert main(["run", flow, "--use-case", "cake_popularity", "--use-case", without_location]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("vishwaops: cake_elsewhere: source: expected a location, found none. Name one")


def test_a_use_case_that_there_is_not_stops_all_that_were_named_with_it(nothing_starts: None, capsys: Printed) -> None:
    assert main(["run", "train", "--use-case", "cake_popularity", "--use-case", "student_sleep"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "use case: expected one of cake_popularity" in printed.err


def test_a_server_that_is_named_and_does_not_answer_is_named(
    command: Command, nothing_starts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "0")
    status, output = command("run", "train", "--use-case", "cake_popularity")
    assert status == 1
    assert "The Prefect server at http://127.0.0.1:9/api does not answer" in output
