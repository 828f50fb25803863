"""The output of the command line for runs, records and predictions."""

import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from config.profile import load_profile
from flows.commands import output, terminal
from tasks.progress import log
from tasks.references import LifecycleRun, Predictions
from tasks.rows.answer_columns import PREDICTION, PROBABILITY
from tasks.rows.input_rows import INPUT_ROW
from tests.references import a_split
from tests.tasks.pages.runs import CASE, PACKAGE, a_run, evaluation, references, release

Printed = pytest.CaptureFixture[str]


def shown(run: LifecycleRun, capsys: Printed) -> dict[str, str]:
    """The lines of a run's figures, by label. For a repeated label, the last line."""
    terminal.show_run(run)
    return {line[:11].strip(): line[11:] for line in capsys.readouterr().out.splitlines()[2:]}


def test_a_run_is_shown_by_its_figures(capsys: Printed) -> None:
    terminal.show_run(a_run())
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:8] == [
        "small_one",
        "rows       607 ingested, 7 quarantined",
        "candidate  logistic   validation roc_auc 0.8123  ← best",
        "candidate  xgboost    validation roc_auc 0.8123",
        "held out   roc_auc 0.8123, naive 0.5000, champion before 0.7900",
        "champion   logistic, version 3: approved",
        "endpoint   vishwaops-offline-small-one answers for row 0: yes, probability 0.83",
    ]
    assert lines[8] == "drift      warning; age drifted most, PSI 0.182"


def test_every_stage_of_a_run_has_its_seconds_and_the_reused_ones_are_named(capsys: Printed) -> None:
    run = a_run()
    terminal.show_run(run)
    output = capsys.readouterr().out
    stages = ", ".join(line.strip() for line in output.splitlines() if line.startswith(" " * 11))
    assert stages == ", ".join(f"{record.stage} {record.seconds:.1f}" for record in run.records)
    assert "reused     validate: results of earlier runs with equal inputs and code" in output


def test_a_run_that_repeated_everything_names_no_stage_as_reused(capsys: Printed) -> None:
    run = a_run()
    records = tuple(record.model_copy(update={"reused": False}) for record in run.records)
    assert "reused" not in shown(run.model_copy(update={"records": records}), capsys)


def test_rows_without_a_target_are_counted(capsys: Printed) -> None:
    validated = references()["validate"].model_copy(update={"without_target": 1200})
    assert shown(a_run(validate=validated), capsys)["rows"].endswith("7 quarantined, 1,200 without a target")


def test_the_first_version_has_no_champion_before_it(capsys: Printed) -> None:
    first = evaluation(champion=None, champion_arn=None)
    assert shown(a_run(evaluate=first), capsys)["held out"] == "roc_auc 0.8123, naive 0.5000"


@pytest.mark.parametrize(("champion", "stays"), [(PACKAGE, "3"), (None, "none")])
def test_a_rejected_version_is_shown_with_its_reasons_and_the_champion_that_stays(
    champion: str | None, stays: str, capsys: Printed
) -> None:
    arn = PACKAGE.replace("/3", "/4")
    rejected = release(
        model_package_arn=arn, version=4, approved=False, reasons=("f1: 0.2", "roc_auc: 0.5"), champion_arn=champion
    )
    line = shown(a_run(register=rejected), capsys)["champion"]
    assert line == f"stays version {stays}; version 4 is rejected: f1: 0.2; roc_auc: 0.5"


def test_an_approved_version_that_is_not_champion_is_shown_with_why(capsys: Printed) -> None:
    arn = PACKAGE.replace("/3", "/4")
    other = release(model_package_arn=arn, version=4, approved=True, reasons=("another run was faster",))
    line = shown(a_run(register=other), capsys)["champion"]
    assert line == "stays version 3; version 4 is approved: another run was faster"


def test_no_feature_is_named_where_there_is_no_verdict(capsys: Printed) -> None:
    few = references()["monitor"].model_copy(update={"verdict": "too few rows", "features": ()})
    assert shown(a_run(monitor=few), capsys)["drift"] == "too few rows"


def test_the_page_is_shown_from_here_and_on_aws_by_its_address(
    capsys: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = a_run().model_copy(update={"page": str(tmp_path / "runs" / "page.html")})
    assert shown(here, capsys)["page"] == "runs/page.html"
    elsewhere = a_run().model_copy(update={"page": "/elsewhere/page.html"})
    assert shown(elsewhere, capsys)["page"] == "/elsewhere/page.html"
    on_aws = a_run().model_copy(update={"page_uri": "s3://bucket/page.html"})
    assert shown(on_aws, capsys)["page"] == "s3://bucket/page.html"


def test_the_next_steps_offline_end_with_how_to_stop_it(capsys: Printed) -> None:
    terminal.show_next_steps(["one", "two"], load_profile("offline"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "Next (the offline cloud is still up):"
    assert [line.strip() for line in lines[3:5]] == [
        "vishwaops predict --use-case one --input rows.csv",
        "vishwaops predict --use-case two --input rows.csv",
    ]
    assert lines[-1].strip() == "vishwaops down"
    assert lines[-2].strip().startswith('eval "$(vishwaops env)"')


def test_an_aws_command_is_suggested_only_where_the_command_is_there(
    capsys: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    terminal.show_next_steps(["one"], load_profile("offline"))
    assert "aws sagemaker" not in capsys.readouterr().out
    (tmp_path / "aws").touch(mode=0o755)
    terminal.show_next_steps(["one"], load_profile("offline"))
    assert "&& aws sagemaker list-training-jobs" in capsys.readouterr().out


def test_the_next_steps_on_aws_name_no_offline_cloud(capsys: Printed) -> None:
    terminal.show_next_steps(["one"], load_profile("aws"))
    output = capsys.readouterr().out
    assert output.splitlines()[1] == "Next:"
    assert "vishwaops down" not in output
    assert "vishwaops env" not in output


@pytest.fixture
def progress() -> Iterator[logging.Logger]:
    """The log of progress. Handlers that a test adds are removed."""
    before = log.handlers[:], log.propagate
    yield log
    log.handlers[:], log.propagate = before


def test_a_progress_line_has_its_seconds_and_nothing_in_it_is_markup(progress: logging.Logger, capsys: Printed) -> None:
    output.show_progress()
    progress.info("ingest    %s [bold]rows[/bold] %s", "607", "x" * 300)
    printed = capsys.readouterr().out
    assert re.fullmatch(r" +0\.\d s  ingest    607 \[bold\]rows\[/bold\] x{300}\n", printed)


def test_a_stage_s_record_is_shown_as_json(capsys: Printed) -> None:
    record = next(record for record in a_run().records if record.stage == "ingest")
    terminal.show_record(record)
    assert type(record.reference).model_validate_json(capsys.readouterr().out) == record.reference


def predictions(**changes: object) -> Predictions:
    plain = {
        "use_case": CASE,
        "endpoint_name": "e",
        "trained_on": a_split(),
        "uri": "s3://b/c/20260131-120000-0a1b2c3d/p",
        "rows": 1,
        "sample": (),
    }
    return Predictions.model_validate({**plain, **changes})


def scored(count: int) -> pd.DataFrame:
    """(count, 4) answers."""
    numbers = range(count)
    return pd.DataFrame(
        {
            INPUT_ROW: [f"{number}" for number in numbers],
            "age": 15,
            PREDICTION: "yes",
            f"{PROBABILITY}yes": [0.75 for _ in numbers],
        }
    )


def test_answers_are_a_table_without_the_features(capsys: Printed) -> None:
    terminal.show_predictions(predictions(), scored(1), None)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[:2] == [["row", PREDICTION, f"{PROBABILITY}yes"], ["0", "yes", "0.7500"]]


def test_answers_name_the_command_that_shows_where_the_first_one_comes_from(capsys: Printed) -> None:
    terminal.show_predictions(predictions(), scored(2), None)
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last == ["lineage", "vishwaops", "lineage", "--prediction", f"{CASE}/20260131-120000-0a1b2c3d/0"]


def test_of_many_answers_the_first_are_shown_and_the_others_counted(capsys: Printed) -> None:
    terminal.show_predictions(predictions(), scored(terminal.SHOWN_ROWS + 1500), None)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + terminal.SHOWN_ROWS + 2
    assert lines[-2] == "... and 1,500 more; --output FILE writes them all"


def test_answers_are_written_to_a_file_with_every_row(capsys: Printed, tmp_path: Path) -> None:
    terminal.show_predictions(predictions(), scored(1200), tmp_path / "answers.csv")
    assert capsys.readouterr().out.replace("\n", "").startswith("1,200 predictions in ")
    assert len(pd.read_csv(tmp_path / "answers.csv")) == 1200


def test_rows_that_were_not_scored_are_counted_with_their_reasons_and_where_they_are(capsys: Printed) -> None:
    aside = predictions(quarantined=1234, reasons=("row 3: age: [red]",), quarantine_uri="s3://b/q")
    terminal.show_predictions(aside, scored(1), None)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "1,234 row(s) in quarantine:",
        "  row 3: age: [red]",
        "  all of them: s3://b/q",
    ]
