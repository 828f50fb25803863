import csv
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
import yaml

from config import settings
from config.errors import GateError
from config.use_case import UseCase, load_use_case
from flows.commands import data_quarantine
from flows.stages import inputs_of, stage_named
from tasks import corrections, run_records, storage
from tasks.ingest import ingest, unchanged
from tasks.landing import versions
from tasks.references import DatasetVersion, ValidatedDataset
from tasks.validate import validate
from tests.flows.conftest import Command
from tests.use_cases import small_use_case

GOOD, TOO_OLD, UNREAD, CUT = 60, 20, 10, 10
BAD = TOO_OLD + UNREAD + CUT


class Case:
    """A use case with a CSV file and a validated version of it."""

    def __init__(self, name: str, folder: Path, command: Command, lines: list[str]) -> None:
        self.name, self._command = name, command
        self.yaml, self.csv = folder / f"{name}.yaml", folder / "rows.csv"
        content = small_use_case(name=name).model_dump(mode="json", exclude_defaults=True)
        content["quality"] = {"minimum_rows": 1, "maximum_quarantined_share": 0.9}
        for column in content["columns"].values():
            column.pop("name", None)
        self.yaml.write_text(yaml.safe_dump(content, sort_keys=False))
        self.write(lines)
        self.version = self.ingest()
        with suppress(GateError):
            self.validated = self.validate(self.version)

    @property
    def use_case(self) -> UseCase:
        return load_use_case(str(self.yaml))

    def write(self, lines: list[str]) -> None:
        self.csv.write_text("id,age,colour,origin,passed\n" + "".join(f"{line}\n" for line in lines))

    def ingest(self) -> DatasetVersion:
        return ingest.fn(self.use_case, str(self.csv))

    def validate(self, version: DatasetVersion) -> ValidatedDataset:
        return validate.fn(self.use_case, version)

    def quarantine(self, *arguments: str) -> tuple[int, str]:
        return self._command("data", "quarantine", *arguments, "--use-case", str(self.yaml))

    def latest(self) -> DatasetVersion:
        return versions.reference(self.name, versions.find(self.name, "latest"))


def lines() -> list[str]:
    """100 rows: 60 good ones, 20 of an age that is too high, 10 of one that is no number, 10 that lack cells."""
    good = [f"{each},{10 + each % 20},red,here,yes" for each in range(1, GOOD + 1)]
    old = [f"{each},{100 + each},red,there,no" for each in range(GOOD + 1, GOOD + TOO_OLD + 1)]
    first = GOOD + TOO_OLD + 1
    unread = [f"{each},old{each},green,there,no" for each in range(first, first + UNREAD)]
    cut = [f"{each},15" for each in range(first + UNREAD, first + UNREAD + CUT)]
    return [*cut, *good, *old, *unread]


@pytest.fixture
def case(bucket: str, tmp_path: Path, command: Command) -> Callable[..., Case]:
    def make(name: str, rows: list[str] | None = None) -> Case:
        return Case(name, tmp_path, command, lines() if rows is None else rows)

    return make


def frames(validated: ValidatedDataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The good and the quarantined rows."""
    return storage.get_parquet(validated.uri), storage.get_parquet(validated.quarantine_uri)


def test_ten_of_forty_quarantined_rows_are_corrected_and_replayed_as_a_version_with_exactly_these(
    case: Callable[..., Case],
) -> None:
    one = case("quarantine_forty")
    good, bad = frames(one.validated)
    assert (len(good), len(bad)) == (GOOD, BAD)
    status, output = one.quarantine("list")
    assert (status, f"version {one.version.digest}: 40 rows in quarantine" in output) == (0, True)
    words = " ".join(output.split())
    assert "30 line 72 age: expected a whole number from 10 to 30 10 line 2 malformed row: expected 5 cells" in words

    chosen = "reason == 'age' and id > 60 and id <= 66"
    assert "6 rows are corrected" in one.quarantine("fix", "--where", chosen, "--set", "age=21")[1]
    assert "2 rows are corrected" in one.quarantine("fix", "--where", "id == 81 or id == 82", "--set", "age=22")[1]
    cells = [f"--set={cell}" for cell in ("age=23", "origin=here", "passed=yes", "colour=")]
    for line, key in ((2, 201), (3, 202)):
        where = ("--where", f"source_line == {line}")
        assert "1 rows are corrected" in one.quarantine("fix", *where, f"--set=id={key}", *cells)[1]
    assert one.latest() == one.version
    assert "10 corrected rows wait: line 72;" in one.quarantine("list")[1]

    status, output = one.quarantine("release")
    fixed = one.latest()
    assert (status, f"version {fixed.digest} has 10 corrected rows" in output) == (0, True)
    assert versions.find(one.name, "latest").parent == one.version.digest
    assert (fixed.rows, fixed.malformed) == (GOOD + TOO_OLD + UNREAD + 2, CUT - 2)
    read = run_records.line_of(one.name, [each.name for each in inputs_of(stage_named("validate"))])
    assert [record.reference for record in read.values()] == [fixed]

    after, left = frames(one.validate(fixed))
    added = after[~after["id"].isin(good["id"])]
    pd.testing.assert_frame_equal(after[after["id"].isin(good["id"])].reset_index(drop=True), good)
    assert dict(zip(added["id"], added["age"], strict=True)) == {
        201: 23, 202: 23, 61: 21, 62: 21, 63: 21, 64: 21, 65: 21, 66: 21, 81: 22, 82: 22,
    }  # fmt: skip
    stays = bad[~bad["source_line"].isin([2, 3, *range(72, 78), 92, 93])].reset_index(drop=True)
    assert len(left) == 30
    pd.testing.assert_frame_equal(left, stays)

    assert one.ingest() == fixed
    assert one.quarantine("release")[1].startswith(f"no correction waits for a row of version {fixed.digest}")
    assert len(versions.versions(one.name)) == 2


def test_a_correction_that_still_does_not_fit_is_refused_with_the_reason_and_nothing_is_stored(
    case: Callable[..., Case],
) -> None:
    one = case("quarantine_refused")
    status, output = one.quarantine("fix", "--where", "age > 90", "--set", "age=31")
    assert (status, "line 72: age: expected a whole number from 10 to 30, found '31'" in output) == (1, True)
    assert "found 20 row(s) that still do not fit, and stored nothing" in output
    output = one.quarantine("fix", "--where", "source_line == 2", "--set", "age=21")[1]
    assert "line 2: id: expected a whole number of at least 1, found nothing; origin: expected one of" in output
    assert "passed" not in output.partition("origin")[2].partition(". ")[0]
    assert "It has 'id', 'age'" in one.quarantine("fix", "--where", "age > 90", "--set", "size=1")[1]
    output = one.quarantine("fix", "--where", "agee > 90", "--set", "age=1")[1]
    assert "--where: expected" in output
    assert corrections.fixes(one.name) == []


def test_fix_without_a_selection_or_without_a_correction_is_a_usage_error(case: Callable[..., Case]) -> None:
    one = case("quarantine_usage", ["1,12,red,here,yes"])
    for arguments in (["--set", "age=11"], ["--where", "age > 1"], ["--from", "x.csv", "--where", "age > 1"]):
        with pytest.raises(SystemExit):
            one.quarantine("fix", *arguments)
    with pytest.raises(SystemExit):
        one.quarantine("fix", "--where", "age > 1", "--set", "age")


def test_the_four_commands_are_documented() -> None:
    page = " ".join((settings.PROJECT / "flows" / "README.md").read_text().split())
    for command in (data_quarantine.list_, data_quarantine.show, data_quarantine.fix, data_quarantine.release):
        assert f"data quarantine {command.__name__.strip('_')}" in page


def test_rows_are_shown_with_all_reasons_and_sensitive_values_hidden(case: Callable[..., Case]) -> None:
    one = case("quarantine_shown", ["1,99,blue,here,yes", "2,10,red,nowhere,no", "3,4,red", "4,12,red,here,no"])
    output = one.quarantine("show")[1]
    assert "line 2\nid 1, age 99, colour blue, origin (hidden), passed yes\n" in output
    assert "    age: expected a whole number from 10 to 30, found 99\n    colour: expected one of green, red" in output
    assert "line 4\n(hidden)\n    malformed row: " in output
    assert "nowhere" not in output
    assert "line 2" not in one.quarantine("show", "--where", "reason == 'malformed row'")[1]
    assert "line 4" not in one.quarantine("show", "--where", "reason == 'age' and row == 0")[1]


def test_an_edited_file_corrects_the_changed_cells_only(case: Callable[..., Case], tmp_path: Path) -> None:
    one = case("quarantine_edited", ["1,99,=red,here,yes", "2,old,red,nowhere,no", "3,4,red", "4,12,red,here,no"])
    path = tmp_path / "bad.csv"
    assert "3 rows of version" in one.quarantine("show", "--output", str(path))[1]
    rows = list(csv.DictReader(path.open()))
    assert [(row["id"], row["age"], row["colour"]) for row in rows] == [
        ("1", "99", "'=red"), ("2", "old", "red"), ("", "", ""),
    ]  # fmt: skip
    assert "origin" not in rows[0]
    assert "3,4,red" not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    rows[0]["age"], rows[1]["age"] = "20", "25"
    save(rows, path)
    assert "2 rows are corrected, 1 have these values already" in one.quarantine("fix", "--from", str(path))[1]
    assert [each.cells for each in corrections.pending(one.name, None)] == [{"age": 20}, {"age": 25}]
    rows[1]["age"] = "older"
    save(rows, path)
    output = one.quarantine("fix", "--from", str(path))[1]
    assert "line 3: age: expected a whole number from 10 to 30, found 'older'" in output


def test_with_sensitive_columns_a_file_has_all_cells_and_can_complete_a_malformed_row(
    case: Callable[..., Case], tmp_path: Path
) -> None:
    one, path = case("quarantine_whole", ["1,12,red,here,yes", "3,14,red"]), tmp_path / "bad.csv"
    one.quarantine("show", "--output", str(path), "--with-sensitive")
    rows = list(csv.DictReader(path.open()))
    assert rows[0]["text"] == "3,14,red"
    rows[0] |= {"id": "3", "age": "14", "colour": "red", "origin": "there", "passed": "no"}
    save(rows, path)
    one.quarantine("fix", "--from", str(path))
    one.quarantine("release")
    good, bad = frames(one.validate(one.latest()))
    assert (good["origin"].tolist(), len(bad)) == (["here", "there"], 0)


def test_rows_of_a_file_that_have_changed_since_are_left_out_and_reported(
    case: Callable[..., Case], tmp_path: Path
) -> None:
    one, path = (
        case("quarantine_old_file", ["1,99,red,here,yes", "2,98,red,here,no", "3,12,red,here,no"]),
        tmp_path / "bad.csv",
    )
    one.quarantine("show", "--output", str(path))
    one.write(["1,97,red,here,yes", "2,98,red,here,no", "3,12,red,here,no"])
    one.validate(one.ingest())
    rows = list(csv.DictReader(path.open()))
    save([{**row, "age": "20"} for row in rows], path)
    output = one.quarantine("fix", "--from", str(path))[1]
    assert "1 rows are corrected" in output
    assert "1 rows of the file are left out, because they have changed since: line 2" in output
    assert "without one" not in output
    assert "1 rows" in one.quarantine("fix", "--where", "id == 1", "--set", "age=21", "--version", "latest")[1]
    assert "expected the columns 'row'" in one.quarantine("fix", "--from", str(one.csv))[1]


def test_only_the_selected_corrections_are_released_and_a_later_fix_of_a_cell_replaces_the_earlier(
    case: Callable[..., Case],
) -> None:
    one = case("quarantine_some", ["1,99,red,here,yes", "2,98,red,here,no"])
    for age in ("20", "21"):
        one.quarantine("fix", "--where", "age > 30", "--set", f"age={age}")
    one.quarantine("release", "--where", "id == 2")
    good, bad = frames(one.validate(one.latest()))
    assert (good["age"].tolist(), bad["age"].tolist()) == ([21], [99])
    assert "1 corrected rows wait: line 2" in one.quarantine("list")[1]
    fix = corrections.fixes(one.name)[0]
    assert (fix.dataset, bool(fix.by), fix.at.tzinfo is not None) == (one.version.digest, True, True)


def test_a_released_correction_ends_the_cached_result_of_an_unchanged_source(case: Callable[..., Case]) -> None:
    one = case("quarantine_cached", ["1,99,red,here,yes", "2,12,red,here,no"])
    before = unchanged(one.use_case, str(one.csv))
    assert unchanged(one.use_case, str(one.csv)) == before
    one.quarantine("fix", "--where", "id == 1", "--set", "age=20")
    assert unchanged(one.use_case, str(one.csv)) == before
    one.quarantine("release")
    assert unchanged(one.use_case, str(one.csv)) != before


def test_a_version_that_was_never_validated_is_named_with_what_to_do(
    case: Callable[..., Case],
) -> None:
    one = case("quarantine_never", ["1,12,red,here,yes"])
    one.write(["1,99,red,here,yes"])
    other = one.ingest()
    assert f"the current version is {other.digest}. Validate it" in one.quarantine("list")[1]
    status, output = one.quarantine("list", "--version", "latest")
    assert (status, f"expected a validation of version {other.digest}, found none. Run it" in output) == (1, True)


def save(rows: list[dict[str, str]], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
