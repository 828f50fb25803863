"""The same rows by both engines: on one machine, and by a Spark job."""

import shutil
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.use_case import UseCase
from tabular.spark.checks import SHOWN
from tasks import locations, storage
from tasks.landing import reading, spark_intake
from tasks.landing.commit import land
from tasks.platform.seed import seed_use_case
from tasks.references import DatasetVersion
from tasks.sources.location import open_address
from tasks.validate import validate
from tests.scripts.spark.support import file_of
from tests.use_cases import small_use_case

ROWS = 2_000
QUALITY = {
    "minimum_rows": 1,
    "maximum_quarantined_share": 0.5,
    "rows": [{"rule": "age < 29", "severity": "warn"}],
    "duplicates": "drop",
}


@pytest.fixture(scope="module")
def cases(bucket: str) -> tuple[UseCase, UseCase]:
    """A use case of each engine."""
    if not shutil.which("java"):
        pytest.skip("Java is not on this machine")
    for name in ("engine_local", "engine_spark"):
        seed_use_case(name)
    return small_use_case(name="engine_local", quality=QUALITY), small_use_case(
        name="engine_spark", quality=QUALITY, engine="spark"
    )


def stored(version: DatasetVersion) -> pa.Table:
    with reading.opened(version) as found:
        return found.read()


@pytest.fixture(scope="module")
def versions(cases: tuple[UseCase, UseCase]) -> Iterator[tuple[DatasetVersion, DatasetVersion]]:
    """The same file, ingested by each engine."""
    local, spark = cases
    uri = f"{locations.root(spark.name)}/source/rows.csv"
    storage.put(uri, file_of(1, ROWS, 0.01).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark_intake, "RANGE_BYTES", 20_000)
        yield land(local, open_address(uri)), land(spark, open_address(uri))


def table(uri: str) -> pa.Table:
    with storage.opened(uri) as file:
        return pq.read_table(file).replace_schema_metadata()


def test_both_engines_land_the_same_version(versions: tuple[DatasetVersion, DatasetVersion]) -> None:
    local, spark = versions
    assert (spark.digest, spark.rows, spark.malformed) == (local.digest, local.rows, local.malformed)
    assert stored(spark).equals(stored(local))
    with reading.opened(spark) as found:
        assert len(found.files) > 1, "one range has all rows"


def test_both_engines_separate_the_same_rows_for_the_same_reasons(
    cases: tuple[UseCase, UseCase], versions: tuple[DatasetVersion, DatasetVersion]
) -> None:
    local, spark = (validate.fn(case, version) for case, version in zip(cases, versions, strict=True))
    assert (spark.rows, spark.quarantined, spark.duplicates) == (local.rows, local.quarantined, local.duplicates)
    assert spark.without_target == local.without_target
    for name in ("uri", "quarantine_uri"):
        assert table(getattr(spark, name)).to_pylist() == table(getattr(local, name)).to_pylist()
    checks = [storage.get_json(each.report_uri)["checks"] for each in (local, spark)]
    assert checks[1] == checks[0]
    (warning,) = (check for check in checks[1] if check["severity"] == "warn")
    assert len(warning["examples"]) == SHOWN
    assert local.duplicates > 0
