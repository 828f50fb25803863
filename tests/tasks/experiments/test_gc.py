"""Old runs of MLflow are deleted with their artefacts; those of registered versions stay."""

from pathlib import Path
from urllib.request import url2pathname

import pytest

from config.errors import Unreachable
from config.use_case import UseCase
from tasks.experiments import tracking
from tasks.experiments.gc import OldRun, delete, find_old_runs
from tests.references import a_model
from tests.tasks.experiments.test_tracking import mlflow_client
from tests.tasks.releases import new_release, new_use_case


def logged(case: UseCase, evaluation: str) -> str:
    """The id of a run with a nested run."""
    run = tracking.log_run(
        case.name, evaluation, name=evaluation, models=[a_model()], metrics={"m": 1.0}, texts={"a.txt": "a"}, tags={}
    )
    return str(run)


def artefacts(run: OldRun) -> list[Path]:
    folder = Path(url2pathname(run.artefacts.removeprefix("file://")))
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_newest_runs_and_those_of_registered_versions_stay(bucket: str) -> None:
    case = new_use_case()
    registered = new_release(case, 0.8).mlflow_run_id
    old, second, newest = (logged(case, name) for name in ("first", "second", "third"))
    found = find_old_runs(case, keep=2)
    assert [run.run_id for run in found] == [old]
    assert artefacts(found[0])

    delete(found)
    assert artefacts(found[0]) == []
    client = mlflow_client()
    left = client.search_runs([found[0].experiment])
    assert {run.info.run_id for run in left if "mlflow.parentRunId" not in run.data.tags} == {
        registered, second, newest,
    }  # fmt: skip
    assert len(left) == 6  # each with its nested run
    assert find_old_runs(case, keep=2) == []


def test_a_run_that_mlflow_can_not_delete_is_named_with_what_to_do(bucket: str, tmp_path: Path) -> None:
    unknown = OldRun("0" * 32, "old", 0, "0", tmp_path.as_uri())
    with pytest.raises(Unreachable, match=r"expected it to delete the runs, found: .*\. Run the command again"):
        delete([unknown])


def test_a_use_case_without_runs_has_nothing_to_delete(bucket: str) -> None:
    assert find_old_runs(new_use_case()) == []
