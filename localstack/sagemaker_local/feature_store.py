"""The Feature Store's background work: creates and deletes groups, and writes the offline store every second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagemaker_local import aws, offline_store
from sagemaker_local.failure_reasons import store_with_retries
from sagemaker_local.online_store import OnlineStore
from sagemaker_local.s3 import split_uri

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

_EVERY = 1.0
_BATCH = 10_000


class FeatureStore:
    """The online store, and the thread that fills the offline store. Works only after `bind`."""

    def __init__(self, file: Path, region: str) -> None:
        self.online = OnlineStore(file)
        self._region = region
        self._engine: Engine | None = None
        self._writing = threading.Lock()
        self._over = threading.Event()

    def bind(self, engine: Engine) -> None:
        """Completes creations and deletions of an earlier server, and starts the writer of the offline stores."""
        self._engine = engine
        for record in engine.store.with_status("FeatureGroup", ("Creating",)):
            self.create(record)
        for record in engine.store.with_status("FeatureGroup", ("Deleting",)):
            self.delete(record)
        threading.Thread(target=self._run, name="offline-store", daemon=True).start()

    def create(self, record: Record) -> None:
        self._begin(self._create, record)

    def delete(self, record: Record) -> None:
        self.online.forget(record.sequence)
        self._begin(self._delete, record)

    def flush(self) -> None:
        """Waits until every record so far is in the offline store, or could not be written."""
        with self._writing:
            groups = {record.sequence: record for record in self._records()}
            for number in self.online.waiting_groups():
                if number in groups:
                    self._write_out(groups[number])
                else:
                    self.online.abandon(number)

    def shutdown(self) -> None:
        self._over.set()
        if self._engine:
            self.flush()
        self.online.close()

    def _create(self, record: Record) -> None:
        problem = self._problem_with_bucket(record.body)
        if problem:
            self._bound.save(record, FeatureGroupStatus="CreateFailed", FailureReason=problem)
            return
        offline = {"OfflineStoreStatus": {"Status": "Active"}} if "OfflineStoreConfig" in record.body else {}
        self._bound.save(record, FeatureGroupStatus="Created", **offline)

    def _problem_with_bucket(self, body: dict[str, Any]) -> str:
        if "OfflineStoreConfig" not in body:
            return ""
        bucket, _ = split_uri(body["OfflineStoreConfig"]["S3StorageConfig"]["S3Uri"])
        try:
            aws.client("s3", self._region).head_bucket(Bucket=bucket)
        except Exception as error:  # noqa: BLE001
            return f"Validation Error: The S3 bucket {bucket} of the OfflineStoreConfig can't be accessed: {error}"[
                :1024
            ]
        return ""

    def _delete(self, record: Record) -> None:
        with self._writing:
            self._write_out(record)
            self.online.abandon(record.sequence)
            self.online.forget(record.sequence)
        self._bound.remove(record)

    def _run(self) -> None:
        while not self._over.wait(_EVERY):
            try:
                self.online.purge(self._bound.clock.now())
                self.flush()
            except Exception as error:  # noqa: BLE001
                if not self._over.is_set():
                    print(f"The offline store can't be written: {error}", file=sys.stderr)  # noqa: T201

    def _write_out(self, record: Record) -> None:
        while rows := self.online.pending(record.sequence, _BATCH):
            try:
                body = self._bound.store.current_body(record)
                offline_store.write(body, rows, self._region, self._bound.clock.now())
            except Exception as error:  # noqa: BLE001
                self._show(record, {"Status": "Blocked", "BlockedReason": str(error)[:1024]})
                return
            self.online.delivered(rows)
            self._show(record, {"Status": "Active"})

    def _show(self, record: Record, status: dict[str, str]) -> None:
        if record.body.get("OfflineStoreStatus") != status:
            self._bound.save(record, OfflineStoreStatus=status)

    def _records(self) -> list[Record]:
        return self._bound.store.with_status("FeatureGroup", ("Created", "Deleting"))

    def _begin(self, work: Callable[[Record], None], record: Record) -> None:
        def run() -> None:
            store_with_retries(lambda: work(record), self._over.is_set)

        threading.Thread(target=run, name=f"feature-group-{record.name}", daemon=True).start()

    @property
    def _bound(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the Feature Store is not bound to an engine")
        return self._engine
