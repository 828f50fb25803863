"""`vishwaops runs`: tables of runs and their outputs."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from flows.commands.output import console
from flows.commands.runs import _stages, flat
from flows.stages import NAMES
from tasks import run_records
from tasks.heartbeats import beating
from tasks.references import DatasetVersion, StageRecord, TrainedModels
from tasks.run_records import RunRecord
from tests.flows.conftest import Command
from tests.references import a_dataset, a_model
from tests.use_cases import content

CASE = "cake_listed"
ONE, OTHER = "20260101-010101-aaaa", "20260102-010101-bbbb"


def record(run: str, reference: DatasetVersion | TrainedModels, stage: str) -> StageRecord:
    return StageRecord(
        use_case=CASE, run=run, stage=stage, started=datetime(2026, 1, 1, tzinfo=UTC), seconds=1.25,
        ran=(), reused=True, reference=reference,
    )  # fmt: skip


def a_run(run: str, rows: int, f1: float) -> list[StageRecord]:
    dataset = a_dataset(use_case=CASE, rows=rows)
    model = a_model(use_case=CASE, candidate="forest", metrics={"validation:f1": f1}, hyperparameters={"depth": 3})
    models = TrainedModels(use_case=CASE, split_digest="s", models=(model,))
    return [record(run, dataset, "ingest"), record(run, models, "train")]


@pytest.fixture(scope="module")
def case(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The YAML file of a use case that has two runs with records of two stages each: one failed, the other runs."""
    for run, rows, f1 in ((ONE, 1000, 0.5), (OTHER, 2000, 0.75)):
        started = datetime(2026, 1, 1, tzinfo=UTC)
        begun = RunRecord(
            use_case=CASE, run=run, flow="lifecycle", started=started, source="rows.csv", flow_run=None, code="c"
        )
        run_records.begin(begun)
        for each in a_run(run, rows, f1):
            run_records.save.fn(each)
    path = tmp_path_factory.mktemp("cases") / f"{CASE}.yaml"
    path.write_text(yaml.safe_dump({**content("cake_popularity"), "name": CASE}))
    with suppress(OSError), beating(CASE, ONE):
        raise OSError("the rows are gone")
    with beating(CASE, OTHER):
        yield str(path)


def test_figures_are_named_by_stage_and_candidate_without_addresses() -> None:
    assert flat(a_run(ONE, 1000, 0.5)) == {
        "ingest digest": "d",
        "ingest malformed": "0",
        "ingest rows": "1,000",
        "ingest source": "rows.csv",
        "train forest algorithm": "ridge",
        "train forest depth": "3",
        "train forest jobs": "1",
        "train forest out_of_budget": "false",
        "train forest validation:f1": "0.5",
        "train forest seconds": "1",
    }


def test_runs_are_listed(case: str, command: Command) -> None:
    status, output = command("runs", "list", "--use-case", case, "--all")
    lines = [line.split() for line in output.splitlines() if ONE in line or OTHER in line]
    assert status == 0
    assert lines[-2:] == [
        [OTHER, "lifecycle", "running", "ingest,", "train", "rows.csv"],
        [ONE, "lifecycle", "failed", "ingest,", "train", "rows.csv"],
    ]


def test_a_use_case_without_a_run_says_how_to_start_one(bucket: str, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    path.write_text(yaml.safe_dump({**content("cake_popularity"), "name": "never_run"}))
    status, output = command("runs", "list", "--use-case", str(path))
    assert (status, "never_run: no run yet. Start one: vishwaops run lifecycle" in output) == (0, True)


@pytest.mark.parametrize(
    ("ended", "shown"),
    [
        ([], "none"),
        (["train"], "train"),
        (["ingest", "validate"], "ingest, validate"),
        (["ingest", "validate", "split", "train"], "ingest to train"),
        (["ingest", "split", "train"], "ingest, split, train"),
        (list(NAMES), "all"),
    ],
)
def test_stages_in_the_order_of_a_lifecycle_are_shown_by_the_first_and_the_last(ended: list[str], shown: str) -> None:
    assert _stages(ended) == shown


def test_a_run_is_shown_with_its_stages(case: str, command: Command) -> None:
    status, output = command("runs", "show", "--use-case", case, ONE)
    assert status == 0
    assert f"run {ONE}: lifecycle of {CASE}, from rows.csv, started 2026-01-01 00:00 UTC" in output
    assert "failed: the rows are gone" in output
    assert [line.split()[:3] for line in output.splitlines()[3:5]] == [
        ["ingest", "1.2", "reused"],
        ["train", "1.2", "reused"],
    ]


def test_two_runs_are_compared_by_what_differs(case: str, command: Command) -> None:
    status, output = command("runs", "compare", "--use-case", case, ONE, OTHER)
    assert status == 0
    assert [line.split() for line in output.splitlines() if line.startswith(("ingest", "train"))] == [
        ["ingest", "rows", "1,000", "2,000"],
        ["train", "forest", "validation:f1", "0.5", "0.75"],
    ]
    assert "The two runs have equal figures" in command("runs", "compare", "--use-case", case, ONE, ONE)[1]
    assert "ingest source" in command("runs", "compare", "--all", "--use-case", case, ONE, ONE)[1]


def test_a_run_that_there_is_not_is_named(case: str, command: Command) -> None:
    status, output = command("runs", "show", "--use-case", case, "yesterday")
    assert (status, "expected a run yesterday; found none" in output) == (1, True)


def test_a_comparison_fits_80_columns_with_whole_ids(
    case: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "width", 80)
    lines = command("runs", "compare", "--all", "--use-case", case, ONE, OTHER)[1].splitlines()
    assert lines[0].split() == [ONE, OTHER]
    assert max(map(len, lines)) <= 80
