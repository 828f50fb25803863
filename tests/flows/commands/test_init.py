"""`vishwaops init`."""

import json
import os
from pathlib import Path

import pytest

from config import settings
from config.use_case import load_use_case
from flows.commands.main import main

DATA = Path(os.environ.get("VISHWAOPS_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty folders of use cases and suites."""
    for name in ("USE_CASES", "EXPECTATIONS"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setattr(settings, name, folder)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A small file."""
    path = tmp_path / "my-rows.csv"
    lines = [f"{number};{number % 9};{number % 2}" for number in range(60)]
    path.write_text("id;hours;passed\n" + "\n".join(lines))
    return path


def test_a_use_case_and_its_suite_are_written_and_what_to_check_is_shown(
    config: Path, rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(rows), "--target", "passed"]) == 0
    case = load_use_case("my_rows")
    assert case.features == ("hours",)
    suite = json.loads((settings.EXPECTATIONS / "my_rows.json").read_text())
    assert len(suite["expectations"]) > 3
    shown = capsys.readouterr().out
    assert shown.startswith("read      all 60 rows: 3 columns, 1 category, 2 integer\n")
    for text in ("source.delimiter", "split", "evaluation", "next      read the comments in it"):
        assert text in shown
    text = (settings.USE_CASES / "my_rows.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=../use_case.schema.json\n")
    assert main(["check", "--use-case", "my_rows"]) == 0


def test_nothing_is_overwritten_without_force(config: Path, rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    existing = settings.USE_CASES / "my_rows.yaml"
    existing.write_text("mine")
    assert main(["init", str(rows), "--target", "passed"]) == 1
    assert "expected no such file, found one" in capsys.readouterr().err
    assert existing.read_text() == "mine"
    assert main(["init", str(rows), "--target", "passed", "--force"]) == 0
    assert existing.read_text() != "mine"


def test_a_use_case_elsewhere_has_its_own_name(config: Path, rows: Path, tmp_path: Path) -> None:
    output = tmp_path / "elsewhere.yaml"
    assert main(["init", str(rows), "--target", "passed", "--name", "other_rows", "--output", str(output)]) == 0
    assert load_use_case(str(output)).name == "other_rows"
    assert "yaml-language-server" not in output.read_text()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--target", "pased"], "found 'pased' (did you mean 'passed'?)"),
        (["--target", "passed", "--output", "none/xyz.yaml"], "expected a .yaml file in an existing folder"),
        (
            ["--target", "passed", "--name", "Bad Name"],
            "--name: expected 3 to 24 lower-case letters, digits and _, such as my_rows; found 'Bad Name'",
        ),
        (["--target", "passed", "--name", "my_rows_again"], "does not begin with another use case's name"),
        (["--target", "passed", "--task", "regression"], "because passed has texts"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    config: Path, rows: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    (settings.USE_CASES / "my_rows.yaml").write_text("mine")
    arguments = arguments if "--name" in arguments or "--output" in arguments else [*arguments, "--name", "a_case"]
    assert main(["init", str(rows), *arguments]) == 1
    assert problem in capsys.readouterr().err
    assert [path.name for path in [*settings.USE_CASES.iterdir(), *settings.EXPECTATIONS.iterdir()]] == ["my_rows.yaml"]


def test_an_address_with_a_secret_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "https://example.org/rows.csv?token=x1y2", "--target", "y"]) == 1
    error = capsys.readouterr().err
    assert "expected an address without a password or a query" in error
    assert "x1y2" not in error


@pytest.mark.parametrize(
    ("file", "target", "task"),
    [("student-mat", "G3", "regression"), ("uci697_dropout", "Target", "multiclass")],
)
def test_published_data_needs_no_edit_but_the_target(config: Path, file: str, target: str, task: str) -> None:
    path = DATA / f"{file}.csv"
    if not path.is_file():
        pytest.skip("VISHWAOPS_TEST_DATA is not on this machine")
    assert main(["init", str(path), "--target", target, "--name", "published"]) == 0
    assert load_use_case("published").target.task == task
    assert main(["check", "--use-case", "published"]) == 0
