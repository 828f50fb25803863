"""`vishwaops check`."""

from pathlib import Path

import pytest
import yaml

from flows.commands.main import main
from tests.use_cases import content, small_use_case


def test_an_included_use_case_passes_without_a_cloud(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert main(["check", "--use-case", "cake_popularity"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "read      all 600 rows",
        "rows      600 good, 0 quarantined (0.0%)",
        "split     360 train, 120 validation, 120 test",
        "passed    vishwaops run lifecycle --use-case cake_popularity",
    ]


def test_bad_rows_are_shown_by_reason_and_the_status_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.yaml"
    case = small_use_case().model_dump(mode="json", exclude_defaults=True)
    plain = {**content("cake_popularity"), **{key: case[key] for key in ("name", "key", "features", "split", "target")}}
    plain["columns"] = {name: column.described() for name, column in small_use_case().columns.items()}
    for column in plain["columns"].values():
        for absent in [key for key, value in column.items() if value is None]:
            del column[absent]
    plain |= {"source": {"kind": "location"}, "candidates": case["candidates"], "evaluation": case["evaluation"]}
    path.write_text(yaml.safe_dump({**plain, "retraining": None}))
    rows = tmp_path / "rows.csv"
    lines = [
        f"{number},{10 + number % 20 if number % 2 else 99},red,here,{'yes' if number % 3 else 'no'}"
        for number in range(1, 99)
    ]
    rows.write_text("id,age,colour,origin,passed\n" + "\n".join(lines))
    assert main(["check", "--use-case", str(path), "--source", str(rows)]) == 1
    shown = capsys.readouterr().out
    assert "          age: expected a whole number from 10 to 30: 49 rows (50.0%)\n            line 3: 99\n" in shown
    assert shown.count(": 99\n") == 3
    assert "problem   quality: expected at most 10.0% quarantined rows, found 50.0%\n" in shown
    assert shown.endswith("failed    2 problems: a run would fail\n")


def test_all_mistakes_of_an_invalid_use_case_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = {**content("cake_popularity"), "name": "cakes", "features": ["agee"], "hosting": {"kind": "none"}}
    path = tmp_path / "cakes.yaml"
    path.write_text(yaml.safe_dump(plain))
    assert main(["check", "--use-case", str(path)]) == 1
    shown = capsys.readouterr().out
    assert "problem   features: expected columns of the schema, found 'agee'" in shown
    assert "problem   hosting.kind: expected one of " in shown
    assert "failed    2 problems: a run would fail" in shown


def test_an_unknown_use_case_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--use-case", "student_sleep"]) == 1
    assert "use case: expected one of cake_popularity" in capsys.readouterr().err


def test_the_command_to_run_next_names_the_file_that_was_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cakes.yaml"
    path.write_text(yaml.safe_dump({**content("cake_popularity"), "name": "bakery"}))
    assert main(["check", "--use-case", str(path)]) == 0
    assert f"passed    vishwaops run lifecycle --use-case {path}" in capsys.readouterr().out


def test_a_schema_that_breaks_its_published_contract_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.settings.CONTRACTS", tmp_path)
    assert main(["contract", "export", "--use-case", "cake_popularity"]) == 0
    contract = tmp_path / "cake_popularity.yaml"
    published = yaml.safe_load(contract.read_text())
    published["schema"][0]["properties"].append({"name": "price", "logicalType": "number"})
    contract.write_text(yaml.safe_dump(published))
    capsys.readouterr()
    assert main(["check", "--use-case", "cake_popularity"]) == 1
    assert "cake_popularity.yaml: price" in capsys.readouterr().out
