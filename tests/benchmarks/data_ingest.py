"""CSV to Parquet part files in S3, beside awswrangler, DuckDB and polars, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks import data_rows
from tests.benchmarks.figures import Figure
from tests.benchmarks.measured import Measured, measure, median

SIZES = {1_000_000: 5, 5_000_000: 3}
"""How often each work is measured, by the number of rows."""
BUCKET = "benchmark-data"
DATES = [f"date_{place}" for place in range(data_rows.DATES)]
LIMITS = ("DuckDB COPY", "polars sink_parquet")


def figures(folder: Path, environment: Mapping[str, str]) -> Iterator[Figure]:
    """Measure at each size. `environment` has the variables of the offline cloud and of the peers' packages."""
    peaks = []
    for rows, times in SIZES.items():
        path = data_rows.write_csv(folder / f"rows-{rows}.csv", rows)
        found = _measured(path, times, environment)
        peaks.append(found["VishwaOps"].peak_mb)
        yield from _rows_of(f"{rows // 1_000_000} million rows", found)
    growth = peaks[-1] / peaks[0]
    yield Figure(
        "CSV to Parquet in S3, 5 million rows, peak memory", "1 million rows", peaks[-1], peaks[0], "MB",
        "at most 1.3 times", growth <= 1.3,
    )  # fmt: skip


def _measured(path: Path, times: int, environment: Mapping[str, str]) -> dict[str, Measured]:
    """The median cost of each work. The works take turns, so that a busy machine slows all of them."""
    runs: dict[str, list[Measured]] = {name: [] for name in WORKS}
    for turn in range(times):
        for name in WORKS:
            prefix = f"{name.split()[0].lower()}/{path.stem}/{turn}"
            runs[name].append(measure(__name__, name, str(path), prefix, environment=environment))
    return {name: median(found) for name, found in runs.items()}


def _rows_of(size: str, found: Mapping[str, Measured]) -> Iterator[Figure]:
    what, ours = f"CSV to Parquet in S3, {size}", found["VishwaOps"]
    peer = found["awswrangler s3.to_parquet"]
    limit = min(LIMITS, key=lambda name: found[name].seconds)
    faster, smaller = peer.seconds / ours.seconds, ours.peak_mb / peer.peak_mb
    yield Figure(what, "awswrangler s3.to_parquet", ours.seconds, peer.seconds, "s", "1.6 times as fast", faster >= 1.6)
    yield Figure(
        f"{what}, peak memory", "awswrangler s3.to_parquet", ours.peak_mb, peer.peak_mb, "MB", "a third",
        smaller <= 1 / 3,
    )  # fmt: skip
    for name in LIMITS:
        theirs = found[name].seconds
        goal = "at most 1.2 times the faster one" if name == limit else "-"
        yield Figure(what, name, ours.seconds, theirs, "s", goal, name != limit or ours.seconds <= 1.2 * theirs)


def _vishwaops(path: str, prefix: str) -> Callable[[], object]:
    from tasks.landing.part_files import PartFiles
    from tasks.rows.intake import Intake
    from tasks.sources.location import open_address

    use_case = data_rows.use_case()
    _make_bucket()

    def work() -> None:
        intake = Intake(use_case, open_address(path, headers=tuple(use_case.headers.values())))
        with PartFiles(f"s3://{BUCKET}/{prefix}", intake.schema) as parts:
            intake.into(parts)
            parts.finished()

    return work


def _awswrangler(path: str, prefix: str) -> Callable[[], object]:
    import awswrangler  # type: ignore[import-not-found]
    import pandas as pd

    _make_bucket()

    def work() -> None:
        frame = pd.read_csv(path, parse_dates=DATES)
        awswrangler.s3.to_parquet(frame, f"s3://{BUCKET}/{prefix}/", dataset=True)

    return work


def _duckdb(path: str, prefix: str) -> Callable[[], object]:
    import duckdb

    s3 = _make_bucket()

    def work() -> None:
        with TemporaryDirectory() as folder, duckdb.connect() as database:
            database.execute(f"COPY (FROM read_csv('{path}')) TO '{folder}/rows.parquet'")
            s3.upload_file(f"{folder}/rows.parquet", BUCKET, f"{prefix}/rows.parquet")

    return work


def _polars(path: str, prefix: str) -> Callable[[], object]:
    import os

    import polars as pl  # type: ignore[import-not-found]

    _make_bucket()
    options = {
        "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL_S3"],
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }

    def work() -> None:
        rows = pl.scan_csv(path, try_parse_dates=True)
        rows.sink_parquet(f"s3://{BUCKET}/{prefix}/rows.parquet", storage_options=options)

    return work


WORKS: dict[str, Callable[[str, str], Callable[[], object]]] = {
    "VishwaOps": _vishwaops,
    "awswrangler s3.to_parquet": _awswrangler,
    "DuckDB COPY": _duckdb,
    "polars sink_parquet": _polars,
}


def _make_bucket() -> Any:
    """The bucket, and a client that has been used, so that no work includes the making of it."""
    from tasks import clients

    s3 = clients.s3()
    s3.create_bucket(Bucket=BUCKET)
    return s3
