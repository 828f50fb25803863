from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from config.use_case import load_use_case
from flows.stages import inputs_of, stage_named
from tasks import audit, run_records, storage
from tasks.audit.entries import decode
from tasks.ingest import ingest
from tests.flows.conftest import Command
from tests.use_cases import content, small_use_case

ROWS = "id,age,colour,origin,passed\n1,12,red,here,yes\n2,13,,there,no\n3,twelve,red,there,no\n"


@pytest.fixture(scope="module")
def case(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The YAML file of a use case with two versions."""
    folder = tmp_path_factory.mktemp("cases")
    path = folder / "data_shown.yaml"
    shown = small_use_case(name="data_shown").model_dump(mode="json", exclude_defaults=True)
    shown["columns"] = {name: {key: value for key, value in column.items() if key != "name"}
                          for name, column in shown["columns"].items()}  # fmt: skip
    path.write_text(yaml.safe_dump(shown))
    rows = folder / "rows.csv"
    for text in (ROWS, ROWS.replace("13", "14") + "4,15,green,here,yes\n"):
        rows.write_text(text)
        ingest.fn(load_use_case(str(path)), str(rows))
    return str(path)


def digests(command: Command, case: str) -> list[str]:
    """The digests of the versions, newest first."""
    output = command("data", "log", "--use-case", case)[1]
    return [line.split()[0] for line in output.splitlines() if " UTC  " in line]


def test_versions_are_listed_compared_and_tagged(case: str, command: Command) -> None:
    new, old = digests(command, case)
    status, output = command("data", "diff", old, "--use-case", case)
    assert (status, "rows by key: 1 added, 0 removed, 1 changed, 2 equal\nchanged: age in 1" in output) == (0, True)
    assert command("data", "tag", "baseline", old, "--use-case", case)[0] == 0
    status, output = command("data", "tag", "baseline", new, "--use-case", case)
    assert (status, "add --move" in output) == (1, True)
    assert "baseline" in command("data", "log", "--use-case", case)[1]
    assert f"version {old}: 3 rows" in command("data", "show", "baseline", "--use-case", case)[1]


def test_a_version_is_shown_without_sensitive_values_in_the_terminal_and_on_a_page(case: str, command: Command) -> None:
    status, output = command("data", "show", "--use-case", case)
    assert status == 0
    assert "version " in output
    assert "4 rows, 5 columns" in output
    assert "green" in output
    page = Path(next(line for line in output.splitlines() if line.startswith("page: ")).removeprefix("page: "))
    html = page.read_text()
    assert "green" in html
    assert "sensitive and not shown" in html
    for text in (output, html):
        assert ">there<" not in text
        assert "there " not in text.replace("there are", "")


def test_a_version_is_written_as_parquet_and_as_csv_that_is_the_same_version(
    case: str, command: Command, tmp_path: Path
) -> None:
    new, old = digests(command, case)
    assert command("data", "checkout", old, "--use-case", case, "--to", f"{tmp_path}/rows.csv")[0] == 0
    assert ingest.fn(load_use_case(case), f"{tmp_path}/rows.csv").digest == old
    status, output = command("data", "checkout", new, "--use-case", case, "--to", f"{tmp_path}/rows.parquet")
    assert (status, f"4 rows of version {new} in" in output) == (0, True)
    assert pq.read_table(tmp_path / "rows.parquet")["id"].to_pylist() == [1, 2, 3, 4]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.csv", "rows.parquet"]
    status, output = command("data", "checkout", new, "--use-case", case, "--to", f"{tmp_path}/rows.xlsx")
    assert (status, "expected a file that ends in .parquet or .csv" in output) == (1, True)


def test_a_version_that_is_checked_out_is_the_one_that_validate_reads(case: str, command: Command) -> None:
    old = digests(command, case)[-1]
    assert command("data", "checkout", old, "--use-case", case)[0] == 0
    read = run_records.line_of("data_shown", [each.name for each in inputs_of(stage_named("validate"))])
    assert [record.reference.digest for record in read.values()] == [old]  # type: ignore[attr-defined]


def test_gc_lists_what_it_would_delete_and_deletes_only_when_told_to(case: str, command: Command) -> None:
    path = Path(case).with_name("rows.csv")
    path.write_text(ROWS.replace("12", "16"))
    digest = ingest.fn(load_use_case(case), str(path)).digest
    path.write_text(ROWS.replace("12", "17"))
    latest = ingest.fn(load_use_case(case), str(path))
    there = digests(command, case)
    status, output = command("data", "gc", "--use-case", case, "--keep", "1")
    assert (status, digest in output, "--delete deletes them" in output) == (0, True, True)
    assert digests(command, case) == there
    assert command("data", "gc", "--use-case", case, "--keep", "1", "--delete")[0] == 0
    kept = digests(command, case)
    assert kept[0] == latest.digest
    assert digest not in kept
    last = decode(audit.log_of("data_shown").read().entries[-1])
    assert (last["action"], digest in last["facts"]["dataset_digests"]) == ("gc", True)
    assert storage.exists(latest.uri)


def test_a_use_case_without_a_version_says_how_to_land_one(bucket: str, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "never_landed.yaml"
    path.write_text(yaml.safe_dump({**content("cake_popularity"), "name": "never_landed"}))
    status, output = command("data", "log", "--use-case", str(path))
    assert (status, "never_landed: no version yet. Land the first: vishwaops run ingest" in output) == (0, True)
