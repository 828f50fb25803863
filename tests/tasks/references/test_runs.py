import pytest

from tasks.references import DataSplit, DriftReport
from tasks.references.runs import LifecycleRun
from tests.tasks.pages.runs import a_run, references


def test_a_run_has_what_each_of_its_stages_left() -> None:
    run, left = a_run(), references()
    assert (run.dataset, run.split, run.drift) == (left["ingest"], left["split"], left["monitor"])
    assert run.left(DataSplit) == left["split"]
    assert LifecycleRun.model_validate_json(run.model_dump_json()) == run


def test_what_no_stage_left_is_named() -> None:
    run = a_run()
    begun = run.model_copy(update={"records": run.records[:2]})
    with pytest.raises(LookupError, match=f"run {run.run}: expected a DriftReport; found none"):
        begun.left(DriftReport)
