"""`vishwaops forget` after a lifecycle: nothing that is stored has the person's values any more."""

import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import settings
from config.use_case import UseCase, load_use_case
from tasks import clients, locations, storage
from tasks.feature_store.online import values_of
from tasks.forgetting.places import BUCKETS
from tasks.platform import platform
from tests.conftest import run_folder
from tests.flows.test_governance import flat, printed
from tests.plain_bytes import plain
from tests.use_cases import content

pytestmark = pytest.mark.starts_first(seconds=40)
NAME = "forgetful_school"
KEY, SECOND, OTHER = "S-QUARTZ-7719", "S-QUARTZ-7720", "S-1005"
"""Two keys of the person, and somebody else's."""
VALUES = {
    "key": [b"QUARTZ"],
    "hours": [b"7719.4242", struct.pack("<d", 7719.4242)],
    "nickname": [b"zyxwvut"],
    "origin": [b"Xanadia"],
    "income": [b"88123.5", struct.pack("<d", 88123.5)],
    "half": [b"44061.75", struct.pack("<d", 44061.75)],
    "born": [b"1993-07-17"],
    "unread": [b"twelve-7719"],
}
"""What only the person's rows have, as text; numbers also as bytes. `half` is computed from the sensitive `income`."""
SENSITIVE = ("origin", "income", "half")
ROWS_OF_THE_USE_CASE = (
    "/table/", "/validated/", "/splits/", "/features/", "/predictions/", "/traffic/", "feature-store.sqlite3",
)  # fmt: skip
"""Where values of sensitive columns may be: the rows themselves."""
MODEL = re.compile(r"/model\.tar\.gz$|/ml/model/")
COLUMNS = "student,hours,nickname,origin,income,born,passed"


def rows() -> list[str]:
    """121 rows, three of which are the person's: a good one, one with an unread cell, one with a cell too many."""
    others = [
        f"S-{1000 + n},{(n * 37) % 100 / 4},{'abc'[n % 3] * 3},{'east' if n % 2 else 'west'},{20000 + n}.5,"
        f"2001-02-{n % 28 + 1:02},{'yes' if (n * 37) % 100 > 50 else 'no'}"
        for n in range(118)
    ]
    own = f"{KEY},7719.4242,zyxwvut,Xanadia,88123.5,1993-07-17,yes"
    unread = f"{SECOND},twelve-7719,zyxwvut,Xanadia,88123.5,1993-07-17,yes"
    return [COLUMNS, *others[:50], own, *others[50:], unread, f"{own},zyxwvut-twice"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("forget")
    (folder / "rows.csv").write_text("\n".join(rows()) + "\n")
    plain_case: dict[str, Any] = content("student_enrollment") | {
        "name": NAME,
        "source": {"kind": "location", "location": str(folder / "rows.csv")},
        "key": ["student"],
        "columns": {
            "student": {"type": "category"},
            "hours": {"type": "number"},
            "nickname": {"type": "category"},
            "origin": {"type": "category", "sensitive": True},
            "income": {"type": "number", "sensitive": True},
            "born": {"type": "date"},
            "passed": {"type": "category", "categories": ["no", "yes"]},
        },
        "known_only_afterwards": [],
        "target": {"column": "passed", "task": "binary", "classes": ["no", "yes"]},
        "derived": {"half": {"expression": "income / 2", "type": "number"}},
        "features": ["hours", "nickname", "half"],
        "feature_store": {
            "group": "people", "key": ["student"], "features": ["hours", "nickname", "origin", "income", "born"],
            "sensitive": ["origin", "income"],
        },
        "candidates": [{"name": "logistic", "algorithm": "logistic_regression"}],
        "training": {"refit": False},
        "evaluation": {"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.5}]},
        "quality": {"minimum_rows": 1, "maximum_quarantined_share": 0.5},
        "monitoring": {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 10},
    }  # fmt: skip
    file = folder / f"{NAME}.yaml"
    file.write_text(yaml.safe_dump(plain_case))
    return str(file)


@dataclass(frozen=True)
class Forgotten:
    """What was found of the person before and after the command, and what it printed."""

    case: UseCase
    before: dict[str, list[str]]
    """Where each value was found."""
    rows_before: dict[str, int]
    dry: str
    output: str
    after: dict[str, list[str]]
    rows_after: dict[str, int]


@pytest.fixture(scope="module")
def forgotten(prefect: str, path: str, pytestconfig: pytest.Config) -> Iterator[Forgotten]:
    home, truth = pytestconfig.stash[run_folder] / "prefect", Path(path).with_name("truth.csv")
    begun = Path(path).with_name("rows.csv").stat().st_ctime
    truth.write_text(f"student,passed\n{KEY},yes\n{OTHER},no\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(home))
        succeeds("run", "lifecycle", "--use-case", path)
        case = load_use_case(path)
        succeeds("predict", "--use-case", path, "--key", KEY, "--key", SECOND, "--key", OTHER)
        succeeds("feedback", "--use-case", path, "--source", str(truth))
        succeeds("data", "show", "--use-case", path)
        succeeds("monitor", "--use-case", path)
        before, counted = found_in(home, begun), row_counts(case)
        keys = ("--use-case", path, "--key", KEY, "--key", SECOND)
        dry = succeeds("forget", *keys, "--dry-run")
        assert row_counts(case) == counted
        output = succeeds("forget", *keys, "--yes", "--reason", "asked by letter")
        yield Forgotten(case, before, counted, dry, output, found_in(home, begun), row_counts(case))
    clients.sagemaker().delete_endpoint(EndpointName=platform().endpoint(NAME))


def succeeds(*arguments: str) -> str:
    """Run a command, and return what it printed."""
    status, output = printed(*arguments)
    assert status == 0, output
    return output


def found_in(prefect_home: Path, begun: float) -> dict[str, list[str]]:
    """The places that have each value: objects with all their versions, databases, files."""
    found: dict[str, list[str]] = {name: [] for name in VALUES}
    for place, body in everything(prefect_home, begun):
        for name, patterns in VALUES.items():
            if any(pattern in body for pattern in patterns):
                found[name].append(place)
    return found


def everything(prefect_home: Path, begun: float) -> Iterator[tuple[str, bytes]]:
    """The use case's objects, without the compression, and every file of the state and of Prefect's server.

    Files of before `begun`, when the person's rows were first written, are left out: they are those of other tests.
    """
    for bucket in clients.s3().list_buckets()["Buckets"]:
        for page in clients.s3().get_paginator("list_object_versions").paginate(Bucket=bucket["Name"]):
            for each in page.get("Versions", []):
                if NAME in each["Key"]:
                    where = {"Bucket": bucket["Name"], "Key": each["Key"], "VersionId": each["VersionId"]}
                    yield f"{each['Key']}", plain(clients.s3().get_object(**where)["Body"].read())  # type: ignore[arg-type]
    for file in [*settings.STATE.parent.rglob("*"), *prefect_home.rglob("*")]:
        if "network_guard" not in file.parts and is_written_since(begun, file):
            yield str(file), content_of(file)


def is_written_since(begun: float, file: Path) -> bool:
    """Whether it is a file that was created or written since then. The time of change can't be set by a program."""
    try:
        found = file.lstat()
    except FileNotFoundError:  # another test may delete it
        return False
    return stat.S_ISREG(found.st_mode) and found.st_ctime >= begun


def content_of(file: Path) -> bytes:
    """The content of a file, which another test may be writing."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return b""
    try:
        return plain(content)
    except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile):
        return content


def row_counts(case: UseCase) -> dict[str, int]:
    """The number of rows of every Parquet object of the use case's versions, by folder and file."""
    found = {}
    for purpose in BUCKETS:
        root = locations.root(case.name, purpose)
        for name in storage.names(root):
            if name.endswith(".parquet") and not name.startswith(("table/", "traffic/", "ground_truth/")):
                found[name] = len(storage.get_parquet(f"{root}/{name}"))
    return found


def test_the_person_is_in_every_kind_of_store_before(forgotten: Forgotten) -> None:
    found = " ".join(place for places in forgotten.before.values() for place in places)
    for place in (
        "/table/data/", "/table/metadata/", "/rows.parquet", "/quarantine.parquet", "/splits/", "/features/",
        "/written/", "/predictions/", "/ground_truth/", "/traffic/", "/report.json", "page.html", "/data/",
        "feature-store.sqlite3", "prefect.db", "/reports/",
    ):  # fmt: skip
        assert place in found, place
    assert [name for name, places in forgotten.before.items() if not places and name != "half"] == []


def test_nothing_but_the_model_has_a_value_of_the_person_after(forgotten: Forgotten) -> None:
    left = {place for places in forgotten.after.values() for place in places if not MODEL.search(place)}
    assert left == set()
    assert "A model can't unlearn. Versions that were trained on the rows: 1 (Approved)" in forgotten.output


def test_the_rows_of_others_stay(forgotten: Forgotten) -> None:
    lost = {name: count - forgotten.rows_after[name] for name, count in forgotten.rows_before.items()}
    kinds = {name.split("/")[0]: 0 for name in lost}
    for name, count in lost.items():
        kinds[name.split("/")[0]] += count
    assert kinds == {"validated": 3, "splits": 1, "predictions": 2, "written": 1, "features": 1}
    assert values_of(forgotten.case, [KEY, OTHER]).keys() == {OTHER}
    assert "table: 3 rows" in forgotten.dry


def test_values_of_sensitive_columns_are_only_in_the_rows_and_never_in_pages_profiles_logs_or_models(
    forgotten: Forgotten,
) -> None:
    """Before the command: what the lifecycle, predictions, ground truth and monitoring have written."""
    elsewhere = {
        (name, place)
        for name in SENSITIVE
        for place in forgotten.before[name]
        if not any(part in place for part in ROWS_OF_THE_USE_CASE)
    }
    assert elsewhere == set()


def test_the_audit_log_and_the_lineage_tell_it_without_a_value(forgotten: Forgotten, path: str) -> None:
    succeeds("audit", "verify", "--use-case", path)
    shown = succeeds("audit", "show", "--use-case", path, "--last", "1")
    assert ("forget" in shown, "asked by letter" in shown, KEY in shown) == (True, True, False)
    tree = json.loads(printed("lineage", "--use-case", path, "--version", "1", "--verify", "--json")[1])
    states = {link["what"]: link["state"] for link in flat(tree)}
    assert (states["split"], states["dataset version"], tree["complete"]) == ("reduced", "reduced", True)


def test_it_asks_first(forgotten: Forgotten, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))  # the name is expected
    status, output = printed("forget", "--use-case", path, "--key", OTHER)
    assert (status, "Nothing was removed" in output) == (1, True)
    assert row_counts(forgotten.case) == forgotten.rows_after


def test_it_may_run_again(forgotten: Forgotten, path: str) -> None:
    output = succeeds("forget", "--use-case", path, "--key", KEY, "--yes")
    assert "no row has this key" in output
    assert row_counts(forgotten.case) == forgotten.rows_after
