"""validate: publish the rows that fit the schema, and quarantine the others with their reasons."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from config.errors import GateError
from config.profile import active_profile
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.landing import reading
from tasks.pages.data_report import data_report
from tasks.pages.publishing import publish
from tasks.progress import log
from tasks.reference_values import reference_digests, reference_values
from tasks.references import DatasetVersion, ValidatedDataset
from tasks.rows import history, suites
from tasks.rows.checking import BatchCheck, Checked, Checks
from tasks.rows.freshness import check_freshness
from tasks.rows.history import EarlierVersion
from tasks.rows.report import report_of
from tasks.rows.row_database import RowDatabase, row_database
from tasks.rows.separation import Separated, separate
from tasks.rows.spark_checks import check_by_spark
from tasks.steps import step

BATCH_ROWS = 50_000
"""Bad rows whose reasons are in memory at once."""
MANY_ROWS = 500_000
"""Rows that take more than two seconds: progress is logged."""


def varies_with(use_case: UseCase, dataset: DatasetVersion) -> str:
    """Return what else the result depends on: the suite, other tables, earlier versions and today, as checks need."""
    quality = use_case.quality
    parts: list[Any] = [suites.load_suite(use_case), reference_digests(use_case)]
    if quality.freshness and quality.freshness.against == "now":
        parts.append(datetime.now(UTC).date().isoformat())
    if quality.volume:
        parts.append(history.median_rows(quality.volume, history.earlier_versions(use_case.name, dataset.digest)))
    return digests.of_json(parts)


@step(cached=True, varies_with=varies_with)
def validate(use_case: UseCase, dataset: DatasetVersion) -> ValidatedDataset:
    """Run all checks, and publish the good rows, the quarantine, a report and its page.

    Rows that lack only the target are published in a separate file. Raises GateError when a check of severity `stop`
    fails, when too few rows are good or too many are quarantined; the report is published anyway.
    """
    suite, further = suites.load_suite(use_case), varies_with(use_case, dataset)
    earlier = history.earlier_versions(use_case.name, dataset.digest)
    with _checked(use_case, dataset, suite) as (database, checked, rows):
        checked.batch += _batch_checks(use_case, dataset, database, earlier, rows.rows)
        report = report_of(use_case, dataset, database, checked, rows)
        digest = digests.of_json([dataset.digest, further, use_case.quality.described()])
        return _publish(use_case, dataset, digest, report, rows, data_report(use_case, report, earlier))


@contextmanager
def _checked(
    use_case: UseCase, dataset: DatasetVersion, suite: suites.Suite
) -> Iterator[tuple[RowDatabase, Checked, Separated]]:
    """Check the rows by the use case's engine, and separate them."""
    if use_case.engine == "spark":
        with reading.opened(dataset) as rows, TemporaryDirectory(prefix="vishwaops-") as folder:
            files = list(zip(rows.files, rows.file_rows, strict=True))
            found = check_by_spark(use_case, suite, files, rows.schema, Path(folder), BATCH_ROWS)
            with closing(found[0]):
                yield found
        return
    values = reference_values(use_case)
    with (
        reading.downloaded(dataset) as paths,
        row_database(paths, list(use_case.columns)) as database,
    ):
        if database.rows >= MANY_ROWS:
            log.info("validate  checks %s rows", f"{database.rows:,}")
        checked = Checks(database, use_case, suite).run(values)
        if database.rows >= MANY_ROWS:
            log.info("validate  writes the good rows, and %s reasons of others", f"{sum(checked.failures.values()):,}")
        yield database, checked, separate(database, use_case, checked, BATCH_ROWS)


def _batch_checks(
    use_case: UseCase, dataset: DatasetVersion, database: RowDatabase, earlier: list[EarlierVersion], rows: int
) -> Iterator[BatchCheck]:
    quality = use_case.quality
    if fresh := quality.freshness:
        now = datetime.now(UTC) if fresh.against == "now" else storage.modified(dataset.uri)
        yield check_freshness(database, fresh, now)
    if quality.volume:
        yield history.check_volume(quality.volume, earlier, rows)


def _publish(
    use_case: UseCase, dataset: DatasetVersion, digest: str, report: Mapping[str, Any], rows: Separated, page: str
) -> ValidatedDataset:
    folder = locations.validated(use_case.name, digest)
    with ExitStack() as files:
        content: dict[str, bytes | IO[bytes]] = {
            f"{path.stem}.parquet": files.enter_context(path.open("rb"))
            for path in (rows.kept, rows.quarantine, rows.without_target)
        }
        content[history.REPORT] = json.dumps(report, indent=2, default=str).encode()
        manifest = {"use_case": use_case.name, "digest": digest, "dataset": dataset.digest, "rows": report["kept"]}
        storage.publish(folder, content, manifest)
    published = publish(use_case.name, f"validation-{digest}", page, offline=active_profile().offline)
    _log(report, folder, str(published.path or published.uri))
    if report["broken"]:
        raise GateError(f"{use_case.name}: {'; '.join(report['broken'])}. Report: {folder}/{history.REPORT}")
    return ValidatedDataset(
        use_case=use_case.name,
        dataset=dataset,
        uri=f"{folder}/rows.parquet",
        quarantine_uri=f"{folder}/quarantine.parquet",
        report_uri=f"{folder}/{history.REPORT}",
        page=published.path.name if published.path else None,
        page_uri=published.uri,
        **{name: report[name] for name in ("quarantined", "without_target", "duplicates", "duplicates_dropped")},
        rows=report["kept"],
    )


def _log(report: Mapping[str, Any], folder: str, page: str) -> None:
    counts = {
        "without a target": report["without_target"],
        "equal to an earlier row": report["duplicates"],
        "of these dropped": report["duplicates_dropped"],
    }
    more = "".join(f", {count:,} {what}" for what, count in counts.items() if count)
    log.info("validate  %s rows kept, %s quarantined%s", f"{report['kept']:,}", f"{report['quarantined']:,}", more)
    if report["quarantined"]:
        columns_at_fault = ", ".join(f"{name} {rows:,}" for name, rows in report["quarantined_by_column"].items())
        log.info("          by column: %s; reasons: %s/quarantine.parquet", columns_at_fault, folder)
    for check in report["checks"]:
        if not check["passed"]:
            log.info("          %s", failed_check(check))
            for example in check["examples"]:
                log.info("            %s", example)
    log.info("          data report: %s", page)


def failed_check(check: Mapping[str, Any]) -> str:
    """Return a failed check as one line: its severity, its rule, and its rows or what was found."""
    found = check["found"] if check["rows"] is None else f"{check['rows']:,} rows"
    return f"{check['severity']}: {check['check']}: {found}"
