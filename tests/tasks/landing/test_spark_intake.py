import pyarrow as pa
import pytest

from config.errors import SourceError
from tasks import storage
from tasks.landing.spark_intake import SparkIntake, SparkParts
from tasks.sources.location import open_address
from tests.use_cases import small_use_case


def test_a_file_outside_of_s3_is_refused_before_a_job_starts() -> None:
    case = small_use_case(engine="spark")
    with pytest.raises(SourceError, match=r"rows.csv: expected an address in S3.*`engine: local` in small_one"):
        SparkIntake(case, open_address("rows.csv"), "s3://bucket/folder", pa.schema([]))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (
            {"kind": "s3_prefix", "location": "s3://bucket/rows/"},
            "engine: expected local for",
        ),
        ({"kind": "location", "location": "s3://bucket/rows.csv", "sha256": "0" * 64}, "source.sha256: expected none"),
    ],
)
def test_a_source_that_spark_can_not_read_is_refused_in_the_use_case(source: dict[str, str], found: str) -> None:
    with pytest.raises(ValueError, match=found):
        small_use_case(engine="spark", source=source)


def test_parts_that_are_not_needed_are_deleted(bucket: str) -> None:
    uri = f"s3://{bucket}/spark_parts/part-0.parquet"
    for needed in (True, False):
        storage.put(uri, b"rows")
        with SparkParts() as parts:
            parts.files.append(uri)
            if needed:
                assert parts.finished() == [uri]
        assert storage.exists(uri) is needed
