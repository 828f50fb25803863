"""A random sample of the scored rows of some hours: a figure of a large span takes limited time and memory."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from config.use_case import UseCase
from tasks.rows.scored_rows import schema
from tasks.traffic.hours import Hour
from tasks.traffic.spans import scored_batches

SEED = 7


def sampled_rows(use_case: UseCase, hours: Sequence[Hour], columns: Sequence[str], most: int) -> pa.Table:
    """Return the `columns` of about `most` scored rows of the hours, or of all where they have fewer.

    Equal hours give equal rows. Only a batch and the sample are in memory.
    """
    wanted = pa.schema([schema(use_case).field(name) for name in columns])
    batches = scored_batches(use_case, hours, columns)
    return pa.Table.from_batches(_thinned(batches, most, sum(hour.counts.rows for hour in hours)), wanted)


def _thinned(batches: Iterator[pa.RecordBatch], most: int, total: int) -> Iterator[pa.RecordBatch]:
    if total <= most:
        yield from batches
        return
    random = np.random.default_rng(SEED)
    for batch in batches:
        yield batch.filter(pa.array(random.random(len(batch)) < most / total))
