"""`vishwaops monitor`: what it refuses, the browser, and the import of baselines."""

import json
import webbrowser
from pathlib import Path

import pytest

from config.use_case import UseCase
from flows.commands import monitor
from flows.commands.main import main
from tasks.references import Champion
from tasks.traffic.reference import reference_profile
from tests.tasks.baselines.documents import constraints, number, statistics, text
from tests.tasks.monitoring.live_hours import released_case
from tests.tasks.pages.monitored import report


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: --use-case"),
        (["--use-case", "cake_popularity", "--since", "yesterday"], "expected a time such as 2026-01-31"),
        (
            ["--use-case", "cake_popularity", "--since", "2026-02-01", "--until", "2026-01-31"],
            "--since: expected a time before --until",
        ),
        (["import-baseline", "--use-case", "cake_popularity"], "expected --statistics or --constraints"),
        (
            ["import-baseline", "--use-case", "cake_popularity", "--constraints", "c.json", "--write-profile", "1"],
            "--write-profile needs --statistics",
        ),
    ],
)
def test_invalid_arguments_are_refused_before_anything_starts(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["monitor", *arguments])
    assert message in capsys.readouterr().err


def test_without_a_browser_the_path_of_the_page_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: False)  # a machine without one
    monitor._open(report(page=str(tmp_path / "monitoring.html")))
    assert f"No browser was found. The page: {tmp_path}/monitoring.html" in capsys.readouterr().err


def test_the_page_is_opened_in_a_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []

    def opens(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", opens)
    monitor._open(report(page=str(tmp_path / "monitoring.html")))
    assert opened == [(tmp_path / "monitoring.html").as_uri()]


@pytest.fixture(scope="module")
def released(bucket: str) -> tuple[UseCase, Champion]:
    return released_case()


@pytest.fixture
def path(released: tuple[UseCase, Champion], tmp_path: Path) -> str:
    file = tmp_path / "case.yaml"
    file.write_text(released[0].model_dump_json(exclude_unset=True))
    return str(file)


def written(folder: Path, name: str, document: object) -> str:
    (folder / name).write_text(json.dumps(document))
    return str(folder / name)


def test_checks_are_printed_with_their_keys_and_what_is_not_mapped_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, path: str
) -> None:
    document = constraints({"name": "age", "completeness": 1.0}, {"name": "height", "completeness": 1.0})
    location = written(tmp_path, "constraints.json", document)
    assert main(["monitor", "import-baseline", "--use-case", path, "--constraints", location]) == 0
    output = capsys.readouterr().out
    assert "columns.age.nullable: false" in output
    assert "the use case has no column of this name" in output
    assert "1 not mapped" in output


def test_statistics_become_the_reference_of_a_version(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, path: str, released: tuple[UseCase, Champion]
) -> None:
    document = statistics(number("age", [[11.0, 12.0, 12.0]]), text("colour", green=2, red=1), rows=3)
    location = written(tmp_path, "statistics.json", document)
    arguments = ["monitor", "import-baseline", "--use-case", path, "--statistics", location, "--write-profile", "1"]
    assert main(arguments) == 0
    output = capsys.readouterr().out
    assert "3 rows, 2 columns" in output
    assert "prediction: not in the profile: the statistics do not have it" in output
    case, champion = released
    assert reference_profile(case, champion.version).rows == 3


def test_a_document_that_is_missing_is_named(capsys: pytest.CaptureFixture[str], path: str) -> None:
    assert main(["monitor", "import-baseline", "--use-case", path, "--constraints", "none.json"]) == 1
    assert "none.json: expected a JSON document" in capsys.readouterr().err
