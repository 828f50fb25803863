"""The same rows by both engines: on one machine, and by a Spark job."""

import shutil
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.use_case import UseCase
from tasks import locations, storage
from tasks.landing import reading
from tasks.landing.commit import land
from tasks.platform.seed import seed_use_case
from tasks.references import DatasetVersion
from tasks.sources.location import open_address
from tasks.validate import validate
from tests.conftest import MISSING
from tests.use_cases import small_use_case

ROWS = 3_000
COLOURS = ("red", "green", "", '"red"', '"a\nb"', '"say ""hi"""', '"x,y"')
BROKEN = ("1,2", '7,11,"open,here,no', 'a"b"c,1,red,here,no', "8,12,red,here,no,9")


@pytest.fixture(scope="module")
def cases(bucket: str) -> tuple[UseCase, UseCase]:
    """A use case of each engine."""
    if not shutil.which("java"):
        pytest.skip(f"Java is not {MISSING}")
    for name in ("engine_local", "engine_spark"):
        seed_use_case(name)
    return small_use_case(name="engine_local"), small_use_case(name="engine_spark", engine="spark")


def rows() -> str:
    """A file with quotes, line ends in cells, malformed lines, cells that do not fit, and duplicates."""
    random, lines = Random(1), ["id,age,colour,origin,passed,more"]
    for number in range(ROWS):
        age = random.choice(["old", "", "20.0", "99"]) if random.random() < 0.05 else str(random.randint(10, 30))
        row = f"{number},{age},{random.choice(COLOURS)},{random.choice(['here', 'there'])},yes,-"
        lines.append(random.choice(BROKEN) if random.random() < 0.01 else row)
        if random.random() < 0.01:
            lines.append(row)
    return "\n".join(lines) + "\n"


def stored(version: DatasetVersion) -> pa.Table:
    with reading.opened(version) as found:
        return found.read()


@pytest.fixture(scope="module")
def versions(cases: tuple[UseCase, UseCase]) -> tuple[DatasetVersion, DatasetVersion]:
    """The same file, ingested by each engine."""
    local, spark = cases
    uri = f"{locations.root(spark.name)}/source/rows.csv"
    storage.put(uri, rows().encode())
    first, second = (land(case, open_address(uri)) for case in (local, spark))
    return first, second


def table(uri: str) -> pa.Table:
    with storage.opened(uri) as file:
        return pq.read_table(file).replace_schema_metadata()


def test_both_engines_land_the_same_version(versions: tuple[DatasetVersion, DatasetVersion]) -> None:
    local, spark = versions
    assert (spark.digest, spark.rows, spark.malformed) == (local.digest, local.rows, local.malformed)
    assert stored(spark).equals(stored(local))


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
