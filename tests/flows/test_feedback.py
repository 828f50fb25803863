"""The flow `feedback` and the command: ground truth from a file, the standard input, and the inbox."""

import io
import sys
from pathlib import Path

import pytest
import yaml

from config.use_case import UseCase, load_use_case
from flows.feedback import feedback
from tasks import locations, run_records, storage
from tasks.ground_truth import truths
from tests.flows.conftest import Command
from tests.sagemaker_local.support import unique
from tests.use_cases import small_use_case


@pytest.fixture(scope="module")
def case(prefect: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, UseCase]:
    """The YAML file of a use case, and the use case."""
    made = small_use_case(name=unique("feedback").replace("-", "_")[:20])
    path = tmp_path_factory.mktemp("case") / f"{made.name}.yaml"
    path.write_text(yaml.safe_dump(made.model_dump(mode="json", exclude_unset=True, by_alias=True)))
    return str(path), load_use_case(str(path))


class StandardInput:
    """A standard input of bytes."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def test_the_command_takes_a_file_and_rows_on_the_standard_input(
    command: Command, case: tuple[str, UseCase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, made = case
    (tmp_path / "truth.csv").write_text("id,passed\n1,yes\n2,perhaps\n")
    status, printed = command("feedback", "--use-case", name, "--source", str(tmp_path / "truth.csv"))
    assert status == 0, printed
    assert "1 rows: 1 new, 0 given before, 0 corrected, 1 in quarantine" in printed
    assert "line 3: passed: expected one of no, yes, found 'perhaps'" in printed
    monkeypatch.setattr(sys, "stdin", StandardInput(b'{"inference_id": "a", "passed": "no"}\n'))
    status, printed = command("feedback", "--use-case", name, "--source", "-")
    assert status == 0, printed
    assert truths(made)["inference_id"].to_pylist() == ["a"]
    assert "\nstandard input: 1 rows" in printed
    monkeypatch.setattr(sys, "stdin", StandardInput(b'{"id of nothing": "a"}\n'))
    assert "vishwaops: standard input: expected" in command("feedback", "--use-case", name, "--source", "-")[1]


def test_rows_that_can_not_be_taken_are_explained(command: Command, case: tuple[str, UseCase], tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("student,passed\n1,yes\n")
    status, printed = command("feedback", "--use-case", case[0], "--source", str(tmp_path / "truth.csv"))
    assert status == 1
    assert "expected the column 'inference_id', or the key: 'id'; found 'student', 'passed'" in printed


def test_the_flow_takes_the_new_files_of_the_inbox(case: tuple[str, UseCase]) -> None:
    name, made = case
    storage.put(f"{locations.ground_truth_inbox(made.name)}/1.csv", b"inference_id,passed\nb,yes\n")
    assert [batch.new for batch in feedback(name)] == [1]
    assert feedback(name) == []
    runs = run_records.runs(made.name)
    assert len(runs) == 2
