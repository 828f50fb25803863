"""The first step of scoring: the rows of a source as shards in S3."""

import hashlib
from contextlib import ExitStack, closing
from typing import Any

from config.profile import active_profile
from config.use_case import UseCase
from tasks import digests, locations, names, storage
from tasks.batch import plan as plans
from tasks.batch.columns import ScoringColumns
from tasks.batch.intake import read_rows
from tasks.batch.parts import PartWriter
from tasks.batch.plan import Plan, no_rows
from tasks.batch.seen_reasons import SeenReasons
from tasks.batch.shards import SHARD_ROWS, ShardWriter
from tasks.batch.sources import open_scored
from tasks.progress import RowProgress, log
from tasks.sources.source import Source
from tasks.steps import code_digest, is_fresh, step

BYTES_IN_MB = 1 << 20


@step()
def prepare(use_case: UseCase, source: str | None = None) -> Plan:
    """Store the rows of a source as shards, and set aside those that can't be read.

    An unchanged source that was prepared before by equal code is not read again, unless the run is fresh. Raises
    SourceError when the source can't be read or lacks a feature, and InvalidRows when no row can be scored.
    """
    opened = open_scored(use_case, source)
    token = opened.fingerprint()
    folder = plans.folder(use_case.name, _digest(use_case, token or names.stamp()))
    known = None if token is None or is_fresh() else storage.find_manifest(folder)
    if known and _is_intact(use_case, found := Plan.model_validate(known)):
        log.info("score     %s, prepared before", found.headline)
        return found
    found = _Preparation(use_case, opened, folder).run()
    storage.put_json(f"{folder}/{locations.MANIFEST}", found.model_dump(mode="json"))
    log.info("score     %s", found.headline)
    return found


def _digest(use_case: UseCase, token: str) -> str:
    columns: dict[str, Any] = {name: column.described() for name, column in use_case.columns.items()}
    columns |= {name: window.model_dump(mode="json") for name, window in use_case.requested_windows.items()}
    written = use_case.source.model_dump(mode="json")
    return digests.of_json([token, columns, use_case.request_columns, use_case.key, written, _limit(), code_digest()])


def _limit() -> int:
    """The most bytes of a shard: a request has more than the rows, and AWS refuses one that is too large."""
    return active_profile().transform.max_payload_in_mb * BYTES_IN_MB // 2


def _is_intact(use_case: UseCase, plan: Plan) -> bool:
    there = set(storage.names(plans.shards(use_case.name)))
    return there.issuperset(shard.name for shard in plan.shards)


class _Preparation:
    """The shards, the quarantine and the counts of one source."""

    def __init__(self, use_case: UseCase, source: Source, folder: str) -> None:
        self._use_case, self._source, self._folder = use_case, source, folder
        self._reasons, self._set_aside = SeenReasons(), hashlib.sha256()

    def run(self) -> Plan:
        """Read all rows. Raises InvalidRows, after storing the quarantine, when none can be scored."""
        progress, total = RowProgress("score"), 0
        with ExitStack() as files, closing(read_rows(self._use_case, self._source)) as batches:
            for rows in batches:
                if not total:
                    writers = self._writers(rows.columns)
                    shards, aside = files.enter_context(writers[0]), files.enter_context(writers[1])
                    columns = rows.columns
                shards.write(rows.good)
                aside.write(rows.bad)
                if len(rows.bad):
                    self._reasons.add(rows.bad)
                    self._set_aside.update(rows.bad.serialize())
                progress.report(total := total + len(rows.good) + len(rows.bad))
            aside.finish()
            return self._plan(columns, shards, aside)

    def _writers(self, columns: ScoringColumns) -> tuple[ShardWriter, PartWriter]:
        return (
            ShardWriter(plans.shards(self._use_case.name), columns.shard, _limit(), SHARD_ROWS),
            PartWriter(f"{self._folder}/{plans.QUARANTINE}", columns.quarantine),
        )

    def _plan(self, columns: ScoringColumns, shards: ShardWriter, aside: PartWriter) -> Plan:
        stored = shards.finished()
        plan = Plan(
            use_case=self._use_case.name,
            source=self._source.describe(),
            shards=stored,
            columns=tuple(columns.known),
            has_target=columns.has_target,
            rows=sum(shard.rows for shard in stored),
            quarantined=aside.rows,
            quarantine_digest=self._set_aside.hexdigest() if aside.rows else "",
            quarantine_uri=aside.folder if aside.rows else None,
            reasons=self._reasons.first,
            by_column=dict(self._reasons.by_column),
        )
        if not plan.rows:
            raise no_rows("rows that can be read", plan)
        return plan
