"""The digest of a stored split, computed again from its files."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks import digests, storage
from tasks.split_checks import PARTS

CONTRACT = "contract/contract.json"


def files_of(manifest: Mapping[str, Any]) -> list[str]:
    """Return the names of a split's files, by its manifest."""
    return [*(name for part in PARTS for name in _shards(manifest, part)), CONTRACT]


@contextmanager
def opened_files(folder: str, manifest: Mapping[str, Any]) -> Iterator[dict[str, IO[bytes]]]:
    """Copy a split's files to temporary files, by name. Raises FileNotFoundError when one is missing."""
    with ExitStack() as opened:
        yield {name: opened.enter_context(storage.opened(f"{folder}/{name}")) for name in files_of(manifest)}


def stored_digest(folder: str, manifest: Mapping[str, Any]) -> str:
    """Return the digest of the split in a folder. Raises FileNotFoundError when a file is missing."""
    with opened_files(folder, manifest) as files:
        return content_digest(manifest, files)


def content_digest(manifest: Mapping[str, Any], files: Mapping[str, IO[bytes]]) -> str:
    """Return the digest of the split's rows and contract, and leave each file at its beginning."""
    parts = {part: _digest_of_rows([files[name] for name in _shards(manifest, part)]) for part in PARTS}
    terms = files[CONTRACT].read().decode()
    files[CONTRACT].seek(0)
    return digests.of_split(parts, terms, manifest.get("shard_rows"))


def _shards(manifest: Mapping[str, Any], part: str) -> list[str]:
    """The names of the files of a part. Splits of older versions have one file, and no key for it."""
    return [f"{part}/{name}" for name in manifest.get("shards", {}).get(part, ["data.parquet"])]


def _digest_of_rows(files: Sequence[IO[bytes]]) -> str:
    shards = [pq.ParquetFile(file) for file in files]
    digest = digests.RowDigest(shards[0].schema_arrow)
    for rows in shards:
        for batch in rows.iter_batches():
            digest.update(pa.RecordBatch.from_arrays(batch.columns, schema=rows.schema_arrow))
    for file in files:
        file.seek(0)
    return digest.hexdigest()
