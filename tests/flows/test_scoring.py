"""The flow `score`, and the command that runs it."""

import json
from pathlib import Path

import pytest
import yaml

from config.errors import ConfigError
from flows.scoring import score
from tasks import run_records
from tasks.references import BatchScores
from tests.flows.conftest import Command
from tests.sagemaker_local.support import archive
from tests.tasks.batch.conftest import COLUMNS, SERVED, rows, written
from tests.tasks.batch.test_score import jobs
from tests.tasks.releases import new_release, new_use_case


def test_the_command_scores_a_file_writes_a_record_and_repeats_nothing_unless_fresh(
    command: Command, tmp_path: Path
) -> None:
    case = new_use_case(columns=COLUMNS, features=["age", "hours", "origin"])
    new_release(case, 0.9, body=archive(code__inference=SERVED))
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(json.loads(case.model_dump_json(exclude_unset=True))))
    source = written(tmp_path, rows(50))
    arguments = ("run", "score", "--use-case", str(path), "--source", source, "--instances", "2")
    status, output = command(*arguments)
    assert status == 0, output
    first = run_records.latest_of(case.name, "score", BatchScores)
    assert (first.rows, first.version, first.source) == (50, 1, source)
    assert first.uri in output
    [job] = jobs(case)
    assert job["TransformResources"]["InstanceCount"] == 2

    status, output = command(*arguments)
    assert "nothing to do: version 1 scored 50 rows" in output
    assert run_records.latest_of(case.name, "score", BatchScores) == first
    status, output = command(*arguments, "--fresh")
    again = run_records.latest_of(case.name, "score", BatchScores)
    assert (again.rows, again.uri == first.uri) == (50, False)
    assert len(jobs(case)) == 2


@pytest.mark.parametrize("instances", [0, 101])
def test_another_number_of_instances_is_refused_before_anything_starts(instances: int) -> None:
    with pytest.raises(ConfigError, match="instances: expected 1 to 100; found"):
        score.fn("cake_popularity", "rows.csv", instances)
