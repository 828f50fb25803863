"""Live traffic over any span: profiles are merged, scored rows are read in batches."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks import storage
from tasks.profiled_columns import profiled_answers, profiled_features
from tasks.profiles import compact, merging
from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import Profile
from tasks.rows.scored_rows import schema
from tasks.traffic.hours import READERS, Hour
from tasks.traffic.profile_columns import of_common_columns


def merged_profile(use_case: UseCase, hours: Sequence[Hour], segment: str = "") -> Profile:
    """Return the profile of all rows of the hours, or of those of a segment such as `school=GP`. No row is read again.

    Without rows its columns are empty.
    """
    addresses = [hour.segments.get(segment) if segment else hour.profile for hour in hours]
    with ThreadPoolExecutor(READERS) as pool:
        contents = list(pool.map(storage.get, filter(None, addresses)))
    return _merged(contents) if contents else _empty(use_case)


def _merged(contents: Sequence[bytes]) -> Profile:
    try:
        return compact.merged(contents)
    except ValueError:  # of other columns
        return merging.merged(of_common_columns([compact.from_bytes(content) for content in contents]))


def _empty(use_case: UseCase) -> Profile:
    return profile([], {**profiled_features(use_case), **profiled_answers(use_case)}).summary()


def scored_batches(
    use_case: UseCase, hours: Sequence[Hour], columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Read the `columns`, by default all, of the hours' scored rows in record batches.

    A column that a file lacks is null. Rows that have expired are left out.
    """
    wanted = schema(use_case)
    wanted = pa.schema([wanted.field(name) for name in columns]) if columns is not None else wanted
    for uri in (uri for hour in hours for uri in hour.scored):
        try:
            with storage.opened(uri) as file:
                yield from _batches(pq.ParquetFile(file), wanted)
        except FileNotFoundError:
            continue


def _batches(file: pq.ParquetFile, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
    there = [name for name in wanted.names if name in file.schema_arrow.names]
    for batch in file.iter_batches(columns=there):
        columns = [
            batch.column(field.name).cast(field.type) if field.name in there else pa.nulls(len(batch), field.type)
            for field in wanted
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=wanted)
