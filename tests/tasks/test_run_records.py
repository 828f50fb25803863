"""Records are written once. A use case's pointer moves at the end of each stage, also with concurrent runs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from config.errors import MissingInput, VishwaOpsError
from tasks import locations, names, run_records, storage
from tasks.references import Reference, StageRecord
from tasks.run_records import RunRecord
from tests.references import a_split

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def case() -> str:
    """The name of a use case that has no run yet."""
    return f"records_{names.stamp()[-4:]}"


def begin(case: str, run: str, flow: str = "lifecycle") -> None:
    run_records.begin(
        RunRecord(
            use_case=case, run=run, flow=flow, started=datetime.now(UTC), source="rows.csv", flow_run=None, code="c"
        )
    )


def save(case: str, run: str, stage: str, upstream: dict[str, str] | None = None, digest: str = "s") -> str:
    record = StageRecord(
        use_case=case, run=run, stage=stage, started=datetime(2026, 1, 2, tzinfo=UTC), seconds=1.0,
        ran=(stage,), reused=False, upstream=upstream or {}, reference=a_split(use_case=case, digest=digest),
    )  # fmt: skip
    return run_records.save.fn(record)


def test_a_record_is_written_once(case: str) -> None:
    save(case, "run-1", "split")
    save(case, "run-1", "split")  # the attempt after a lost answer
    with pytest.raises(storage.Changed):
        save(case, "run-1", "split", digest="another")
    found = run_records.latest(case, "split").reference
    assert found == a_split(use_case=case)


def test_a_record_has_the_stage_s_output_with_its_class(case: str) -> None:
    save(case, "run-1", "split")
    assert run_records.latest_of(case, "split", type(a_split())).train_rows == 6
    with pytest.raises(TypeError, match="record of split in run run-1: expected a Champion; found a DataSplit"):
        from tasks.references import Champion

        run_records.latest_of(case, "split", Champion)


def test_the_inputs_of_a_stage_are_of_one_line_though_another_run_has_overtaken(case: str) -> None:
    first = save(case, "run-1", "split", digest="one")
    save(case, "run-1", "train", {"split": first}, digest="one")
    save(case, "run-2", "split", digest="other")  # its training has failed
    line = run_records.line_of(case, ["split", "train"])
    assert {stage: record.run for stage, record in line.items()} == {"split": "run-1", "train": "run-1"}
    assert run_records.latest(case, "split").run == "run-2"


def test_no_move_of_the_pointer_is_lost_when_runs_end_stages_at_once(case: str) -> None:
    stages = [f"stage-{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda stage: save(case, f"run-{stage}", stage), stages))
    assert {stage: run_records.latest(case, stage).run for stage in stages} == {name: f"run-{name}" for name in stages}


def test_the_start_of_a_run_is_written_once_and_again_after_a_lost_answer(case: str) -> None:
    run = RunRecord(
        use_case=case, run="run-1", flow="lifecycle", started=datetime(2026, 1, 2, tzinfo=UTC), source="",
        flow_run=None, code="c",
    )  # fmt: skip
    run_records.begin(run)
    run_records.begin(run)
    with pytest.raises(storage.Changed):
        run_records.begin(run.model_copy(update={"code": "other"}))


@pytest.mark.parametrize("content", [b"{", b'{"records": {}, "later": 1}'])
def test_a_pointer_that_this_version_can_not_read_is_named_and_not_overwritten(case: str, content: bytes) -> None:
    storage.put(locations.latest(case), content)
    with pytest.raises(VishwaOpsError, match=rf"{case}/latest.json: expected the Pointer that .* or delete it"):
        save(case, "run-1", "split")
    assert storage.get(locations.latest(case)) == content


def test_a_stage_that_no_run_has_ended_is_named_with_what_to_run(case: str) -> None:
    with pytest.raises(MissingInput, match=f"{case}: expected the output of train; found none.*vishwaops run train"):
        run_records.latest(case, "train")
    with pytest.raises(
        MissingInput, match=f"expected a run run-9; found none. See: vishwaops runs list --use-case {case}"
    ):
        run_records.read_run(case, "run-9")


def test_runs_are_listed_newest_first_with_the_stages_that_they_ended(case: str) -> None:
    for run in ("20260101-000000-aaaa", "20260102-000000-aaaa"):
        begin(case, run)
        save(case, run, "split")
    begin(case, "20260103-000000-aaaa", flow="train")
    found = run_records.runs(case)
    assert list(found) == ["20260103-000000-aaaa", "20260102-000000-aaaa", "20260101-000000-aaaa"]
    assert sorted(found["20260102-000000-aaaa"]) == ["run", "split"]
    with pytest.raises(storage.Changed):
        begin(case, "20260103-000000-aaaa")
    ended = run_records.records_of(case, "20260102-000000-aaaa", ["ingest", "split", "train"])
    assert [record.stage for record in ended] == ["split"]


def test_records_contain_only_references() -> None:
    assert StageRecord.model_fields["reference"].annotation is Reference
