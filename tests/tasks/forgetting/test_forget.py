"""Forgetting in one use case whose objects the test writes itself: every kind of object, and a kill at some steps."""

import io
import json
import signal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from config import settings
from config.errors import GateError
from config.use_case import UseCase
from tasks import audit, corrections, digests, heartbeats, locations, storage
from tasks.audit.entries import decode
from tasks.forgetting import derived, local_state, models, old_versions, table
from tasks.forgetting.forget import find, forget, require_no_run
from tasks.forgetting.manifests import FORGOTTEN, LEFT_DIGEST, update
from tasks.forgetting.person import person_of
from tasks.forgetting.values import Values
from tasks.landing import reading, versions
from tasks.landing.commit import land
from tasks.landing.replay import replay
from tasks.landing.table import find_table
from tasks.lineage.rows import split_link
from tasks.model_contract import FILE, LINE
from tasks.platform.seed import seed_use_case
from tasks.references import DatasetVersion
from tasks.rows.corrections import Correction, content_digest
from tasks.split_content import CONTRACT
from tests.plain_bytes import plain
from tests.tasks.landing.support import case, ended_at, rows, source_of

PERSON = 77_123
AGE = 10 + PERSON
PARTS = ("train", "validation", "test")


def prepared(name: str) -> UseCase:
    """A use case with a row of the person in each kind of object."""
    use_case = case(name)
    seed_use_case(use_case.name)
    land(use_case, source_of(rows(1, PERSON, 3)))
    root = locations.root(name)
    frame = rows(1, PERSON, 3)
    body = storage.parquet(frame)
    storage.publish(
        f"{root}/validated/v1",
        {"rows.parquet": body, "quarantine.parquet": body, "report.json": b'{"examples": ["found %d"]}' % AGE},
        {"use_case": name, "digest": "v1", "dataset": "d", "rows": 3},
    )  # fmt: skip
    split(name, frame)
    folder = f"{root}/predictions/20260131-120000-0a1b2c3d"
    scored = storage.parquet(frame.assign(input_row=[0, 1, 2], inference_id="p-0", inference_row=[0, 1, 2]))
    storage.put(f"{folder}/predictions.parquet", scored)
    manifest = {"uri": f"{folder}/predictions.parquet", "sha256": digests.of_file(io.BytesIO(scored)), "rows": 3}
    storage.put_json(f"{folder}/{locations.MANIFEST}", {**manifest, "quarantined": 0})
    for place in ("scores/shards/s1.parquet", "scores/results/r1/predictions/part-00000.parquet", "new_kind/a.parquet"):
        storage.put(f"{root}/{place}", body)
    for place in ("scores/plans/p1/manifest.json", "scores/answers/m1/s1.parquet.out", "results/validate-1"):
        storage.put(f"{root}/{place}", b"{}")
    profile = f"{locations.root(name, 'monitoring')}/profiles/training-p"
    storage.publish(profile, {"profile.json": b"{}"}, {"split": split_digest(frame)})
    return use_case


def split_digest(frame: pd.DataFrame) -> str:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    digest = digests.RowDigest(table.schema)
    for batch in table.to_batches():
        digest.update(batch)
    return digests.of_split(dict.fromkeys(PARTS, digest.hexdigest()), "{}", 500_000)


def split(name: str, frame: pd.DataFrame) -> None:
    body, digest = storage.parquet(frame), split_digest(frame)
    manifest = {
        "use_case": name, "digest": digest, "dataset": "d", "rows": dict.fromkeys(PARTS, 3), "shard_rows": 500_000,
        "shards": {part: ["part-00000.parquet"] for part in PARTS}, "unused_features": {},
    }  # fmt: skip
    files: dict[str, Any] = {f"{part}/part-00000.parquet": body for part in PARTS}
    storage.publish(locations.split(name, digest), {**files, CONTRACT: b"{}"}, manifest)


def forgotten(use_case: UseCase) -> dict[str, Any]:
    person = person_of(use_case, [str(PERSON)])
    return forget(use_case, person, find(use_case, person), "asked")


def having(use_case: UseCase) -> list[str]:
    """The objects of the use case that have the person's key or age."""
    wanted = [number.to_bytes(8, "little") for number in (PERSON, AGE)] + [b"%d" % PERSON, b"%d" % AGE]
    found = []
    for purpose in ("data", "artefacts", "monitoring"):
        root = locations.root(use_case.name, purpose)
        for name in storage.names(root):
            body = plain(storage.get(f"{root}/{name}"))
            found += [name] if any(each in body for each in wanted) else []
    return found


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own."""
    monkeypatch.setattr(settings, "STATE", tmp_path)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    return tmp_path


def test_every_object_is_without_the_person_and_says_so(bucket: str, state: Path) -> None:
    use_case = prepared("forget_everything")
    before = having(use_case)
    assert {name.split("/")[0] for name in before} >= {
        "table", "validated", "splits", "predictions", "scores", "new_kind",
    }  # fmt: skip
    digest = split_digest(rows(1, PERSON, 3))
    assert split_link(use_case, locations.split(use_case.name, digest), digest, verify=True).state == "verified"
    root = locations.root(use_case.name)
    stored = table.find(use_case.name, person_of(use_case, [str(PERSON)]))
    assert (stored.count, len(stored.versions), models.trained_on(use_case, [digest])) == (1, 1, [])
    assert derived.derived(use_case.name, [], []) == [f"{root}/results/validate-1"]
    record = forgotten(use_case)
    assert having(use_case) == []
    assert record["rows"] == {"table": 1, "validated": 2, "splits": 3, "predictions": 1, "scores": 2, "new_kind": 1}
    names = set(storage.names(root))
    gone = {"scores/shards/s1.parquet", "scores/answers/m1/s1.parquet.out", "scores/plans/p1/manifest.json"}
    assert not names & {*gone, "results/validate-1"}
    assert storage.find_manifest(f"{locations.root(use_case.name, 'monitoring')}/profiles/training-p") is None
    manifest = storage.get_json(f"{root}/splits/{digest}/manifest.json")
    assert (manifest["rows"], manifest[FORGOTTEN]) == (dict.fromkeys(PARTS, 2), 3)
    assert manifest[LEFT_DIGEST] == split_digest(rows(1, 3))
    update(f"{root}/splits/{digest}")
    assert storage.get_json(f"{root}/splits/{digest}/manifest.json") == manifest
    assert storage.get_json(f"{root}/validated/v1/manifest.json") | {"rows": 2, "forgotten": 1} == storage.get_json(
        f"{root}/validated/v1/manifest.json"
    )
    assert storage.get_json(f"{root}/validated/v1/report.json") == {"examples": ["found [removed]"]}
    predicted = storage.get_json(f"{root}/predictions/20260131-120000-0a1b2c3d/manifest.json")
    assert (predicted["rows"], predicted["forgotten"]) == (2, 1)
    assert predicted["sha256"] == digests.of_file(storage.opened(predicted["uri"]))
    assert_audited(use_case, record)
    folder = locations.split(use_case.name, digest)
    link = split_link(use_case, folder, digest, verify=True)
    assert (link.state, "3 rows were removed by request" in link.detail) == ("reduced", True)
    storage.put(f"{folder}/test/part-00000.parquet", storage.parquet(rows(1)))
    assert split_link(use_case, folder, digest, verify=True).state == "differs"


def assert_audited(use_case: UseCase, record: dict[str, Any]) -> None:
    """The audit log has a digest instead of the key, and the digest of the record."""
    entry = decode(audit.log_of(use_case.name).read().entries[-1])
    assert (entry["action"], entry["facts"]["reason"]) == ("forget", "asked")
    assert entry["facts"]["keys"] == record["keys"][0] != str(PERSON)
    body = storage.get(entry["facts"]["record"])
    assert digests.of_bytes(body) == entry["facts"]["record_digest"]
    assert str(PERSON).encode() not in body + json.dumps(entry).encode()


@pytest.mark.parametrize("step", [6, 14])
def test_a_killed_run_is_completed_by_repeating_it(bucket: str, state: Path, step: int) -> None:
    use_case = prepared(f"forget_killed_{step}")
    assert ended_at(step, lambda: forgotten(use_case)) == -signal.SIGKILL
    forgotten(use_case)
    assert having(use_case) == []
    root = locations.root(use_case.name)
    manifest = storage.get_json(f"{root}/splits/{split_digest(rows(1, PERSON, 3))}/manifest.json")
    assert (sum(manifest["rows"].values()), manifest["forgotten"]) == (6, 3)
    assert storage.get_json(f"{root}/validated/v1/manifest.json")["rows"] == 2
    records = [name for name in storage.names(locations.forgotten(use_case.name)) if name.endswith(".json")]
    assert [storage.get_json(f"{locations.forgotten(use_case.name)}/{name}")["state"] for name in records] == [
        "completed"
    ]
    assert forgotten(use_case)["rows"] == {}


def test_corrections_of_the_person_are_removed_and_others_stay_in_effect(bucket: str, state: Path) -> None:
    use_case = case("forget_corrections")
    seed_use_case(use_case.name)
    version = land(use_case, source_of(rows(1, PERSON, 3)))
    chosen = [correction(version, row, age=age) for row, age in ((0, 21), (1, AGE + 1))]
    replay(use_case, chosen)
    forgotten(use_case)
    release = corrections.release_of(find_table(use_case.name))
    assert [each.cells for each in corrections.released(use_case.name, release)] == [{"age": 21}]
    assert [each.cells for fix in corrections.fixes(use_case.name) for each in fix.corrections] == [{"age": 21}]
    assert having(use_case) == []
    latest = versions.reference(use_case.name, versions.find(use_case.name, "latest"))
    with reading.opened(latest) as stored:
        assert stored.read(["age"])["age"].to_pylist() == [21, 13]
    assert corrections.pending(use_case.name, release) == []


def correction(version: DatasetVersion, row: int, **cells: Any) -> Correction:
    with reading.opened(version) as stored:
        found = stored.read().slice(row, 1).to_pylist()[0]
    one = Correction(file=found[FILE], line=found[LINE], row=row, original=content_digest(found), cells=cells)
    corrections.save_fix(version.use_case, "a person", version.digest, [one])
    return corrections.pending(version.use_case, None)[-1]


def test_a_run_in_progress_refuses_it_before_anything_changes(bucket: str, state: Path) -> None:
    use_case = case("forget_running")
    seed_use_case(use_case.name)
    land(use_case, source_of(rows(1, PERSON, 3)))
    with heartbeats.beating(use_case.name, "run-1"), pytest.raises(GateError, match="expected no run in progress"):
        forgotten(use_case)
    assert having(use_case)
    require_no_run(use_case.name)


def test_old_versions_of_objects_are_deleted_and_the_objects_stay(bucket: str) -> None:
    uri = f"{locations.root('forget_versions')}/runs/a.json"
    for body in (b"old", b"new"):
        storage.put(uri, body)
    storage.put(f"{locations.root('forget_versions')}/gone", b"x")
    storage.delete([f"{locations.root('forget_versions')}/gone"])
    assert old_versions.delete_old_versions("forget_versions") == 3
    assert old_versions.delete_old_versions("forget_versions") == 0
    assert storage.get(uri) == b"new"


def test_files_and_databases_of_the_machine_lose_the_values(state: Path) -> None:
    import sqlite3

    (state / "logs").mkdir()
    (state / "prefect").mkdir()
    (state / "cloud").mkdir()
    for name in ("logs/a.log", "reports.html", "cloud/server.log"):
        (state / name).write_text("row 3: found Xanadia, not Xanadian\n")
    with sqlite3.connect(state / "prefect" / "prefect.db") as database:
        database.execute("CREATE TABLE log (id INTEGER, message VARCHAR)")
        database.execute("INSERT INTO log VALUES (1, 'found Xanadia'), (2, 'found others')")
    database.close()
    changed = local_state.scrub("small_one", Values(frozenset({"Xanadia"})), ())
    assert [Path(path).name for path in changed] == ["a.log", "prefect.db", "reports.html"]
    assert (state / "logs" / "a.log").read_text() == "row 3: found [removed], not Xanadian\n"
    assert b"Xanadia" not in (state / "prefect" / "prefect.db").read_bytes()
    with sqlite3.connect(state / "prefect" / "prefect.db") as database:
        assert database.execute("SELECT message FROM log ORDER BY id").fetchall() == [
            ("found [removed]",), ("found others",),
        ]  # fmt: skip
    database.close()
    assert local_state.scrub("small_one", Values(frozenset({"Xanadia"})), ()) == []
