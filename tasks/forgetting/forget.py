"""Finds and removes a person's rows.

What is computed from rows goes first, the rows of the dataset versions last. So a run that is killed finds the rest
when it is repeated. What only a manifest tells, the list of the versions that are being changed, is stored before.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from config.errors import GateError
from config.use_case import UseCase
from tasks import audit, digests, ground_truth, heartbeats, locations, names, run_records, storage
from tasks.forgetting import derived, features, local_state, manifests, models, old_versions, table, traffic
from tasks.forgetting.models import TrainedVersion
from tasks.forgetting.person import DIGEST_KEY, Person
from tasks.forgetting.places import FoundObject, find_objects, texts
from tasks.forgetting.rows import rewrite
from tasks.forgetting.values import Values, cells, values_of
from tasks.progress import log

STARTED, COMPLETED = "started", "completed"


@dataclass(frozen=True)
class Found:
    """What is stored of a person."""

    objects: Sequence[FoundObject]
    table: table.TableRows
    online: Sequence[str]
    """The identifiers that the online store has."""
    derived: Sequence[str]
    """Objects that are computed from the rows, and deleted."""
    models: Sequence[TrainedVersion]
    values: Values
    traffic: traffic.Linked
    scored_rows: int
    """The rows of live traffic that are linked to the person."""
    ground_truth: int
    unfinished: Sequence[str] = field(default=())
    """The folders of versions whose manifests a killed run has left as they were."""

    @property
    def rows(self) -> dict[str, int]:
        """The number of rows by place."""
        counts = {"table": self.table.count} if self.table.count else {}
        for each in self.objects:
            counts[each.place] = counts.get(each.place, 0) + each.rows.num_rows
        further = {
            "online store": len(self.online), "live traffic": self.scored_rows, "ground truth": self.ground_truth,
        }  # fmt: skip
        return {**counts, **{place: count for place, count in further.items() if count}}

    @property
    def folders(self) -> list[str]:
        """The folders of the versions that change."""
        return sorted({*(each.folder for each in self.objects), *self.unfinished})


def find(use_case: UseCase, person: Person) -> Found:
    """Return what is stored of a person. Nothing changes."""
    objects, stored = find_objects(use_case.name, person), table.find(use_case.name, person)
    unfinished = [folder for record in _records(use_case.name, STARTED) for folder in record["folders"]]
    folders = {*(each.folder for each in objects), *unfinished}
    rows = [*stored.rows, *(row for each in objects for row in each.rows.to_pylist())]
    splits = {folder.rpartition("/")[2] for folder in folders if "/splits/" in folder}
    linked = traffic.linked(objects)
    truth = ground_truth.forget(use_case, _identities(use_case, person, linked), dry_run=True)
    return Found(
        traffic=linked,
        scored_rows=traffic.count(use_case, linked),
        ground_truth=truth.rows + truth.quarantined,
        objects=objects,
        table=stored,
        online=features.online_records(use_case, person.identifiers),
        derived=derived.derived(use_case.name, folders, stored.versions) if rows or unfinished else (),
        models=models.trained_on(use_case, splits),
        values=values_of(use_case, person, rows, table.other_values(use_case.name, person, cells(use_case, rows))),
        unfinished=unfinished,
    )


def require_no_run(use_case: str) -> None:
    """Raise GateError while a run of the use case is alive: it may write the rows again."""
    for run in run_records.runs(use_case):
        if heartbeats.life(heartbeats.find_heartbeat(use_case, run)) == "alive":
            raise GateError(
                f"{use_case}: expected no run in progress, found {run}: it may write the rows again. Wait until it has "
                "ended (vishwaops runs list), and run the command again"
            )


def forget(use_case: UseCase, person: Person, found: Found, reason: str) -> dict[str, Any]:
    """Remove a person's rows, and return the record of it: counts and digests, without a value.

    Safe to repeat; a run that was killed is completed by repeating it. Raises GateError while a run is in progress.
    """
    require_no_run(use_case.name)
    record = f"{locations.forgotten(use_case.name)}/{names.stamp()}.json"
    storage.put_json(record, {"state": STARTED, "folders": found.folders})
    features.delete_online(use_case, person.identifiers)
    _delete(found.derived)
    ground_truth.forget(use_case, _identities(use_case, person, found.traffic))
    traffic.remove(use_case, found.traffic)
    changed_texts = _scrub(use_case.name, found.values)
    changed_files = local_state.scrub(use_case.name, found.values, found.table.versions)
    for each in derived.rewritten(found.objects, found.derived):
        rewrite(each.uri, person.mask)
    for folder in found.folders:
        manifests.update(folder)
    versions = table.remove(use_case, person, found.table)
    old = old_versions.delete_old_versions(use_case.name)
    content = {
        "state": COMPLETED,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "keys": person.digests(use_case.name),
        "rows": found.rows,
        "versions": versions,
        "left": _left(found.folders),
        "deleted": len(found.derived),
        "texts": len(changed_texts),
        "files": len(changed_files),
        "noncurrent_versions": old,
        "models": [each.version for each in found.models],
    }
    _conclude(use_case, record, content, reason)
    return content


def _identities(use_case: UseCase, person: Person, linked: traffic.Linked) -> ground_truth.Identities:
    """What ground truth names the person by: the key, if it is that of the use case, and the predictions."""
    keys = [
        tuple(
            int(value) if use_case.columns[name].type == "integer" else value
            for name, value in zip(person.columns, key, strict=True)
        )
        for key in person.keys
        if person.columns == use_case.key
    ]
    return ground_truth.Identities(tuple(keys), tuple(sorted(linked.requests)))


def _conclude(use_case: UseCase, record: str, content: dict[str, Any], reason: str) -> None:
    """Store the record, write to the audit log, and forget the records of runs that were killed."""
    body = json.dumps(content, indent=1).encode()
    storage.put(record, body)
    facts = {
        "keys": ", ".join(content["keys"]),
        "rows": ", ".join(f"{place} {count}" for place, count in content["rows"].items()) or "none",
        "record": record,
        "record_digest": digests.of_bytes(body),
        "reason": reason,
    }
    audit.append(use_case, "forget", facts)
    for other in _records(use_case.name, STARTED):
        storage.delete([other["uri"]])
    log.info("forget    %s", facts["rows"])


def _records(use_case: str, state: str) -> list[dict[str, Any]]:
    folder = locations.forgotten(use_case)
    found = ((f"{folder}/{name}", name) for name in storage.names(folder) if name != DIGEST_KEY)
    records = [{**storage.get_json(uri), "uri": uri} for uri, _ in found]
    return [each for each in records if each["state"] == state]


def _delete(uris: Sequence[str]) -> None:
    for bucket in {storage.address(uri)[0] for uri in uris}:
        storage.delete([uri for uri in uris if storage.address(uri)[0] == bucket])


def _scrub(use_case: str, values: Values) -> list[str]:
    """Remove the values from the texts in S3; return the addresses of those that have changed."""
    changed = []
    for uri, name in texts(use_case):
        before = storage.get(uri)
        after = values.removed_from_body(name, before)
        if after != before:
            storage.put(
                uri, after, content_type="text/html; charset=utf-8" if name.endswith(".html") else "binary/octet-stream"
            )
            changed.append(uri)
    return changed


def _left(folders: Sequence[str]) -> dict[str, str]:
    """The digest of what is left of each split and of each file of predictions."""
    found = {folder: storage.find_manifest(folder) or {} for folder in folders}
    return {
        folder.rpartition("/")[2]: str(manifest.get(manifests.LEFT_DIGEST) or manifest.get("sha256"))
        for folder, manifest in found.items()
        if manifests.LEFT_DIGEST in manifest or "sha256" in manifest
    }
