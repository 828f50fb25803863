"""A use case's rows as records of its feature group: texts, as PutRecord takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc

from config.feature_store import EVENT_TIME, INGESTED, FeatureGroup
from config.use_case import UseCase
from tabular.date_formats import DATE

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
"""The form of an event time: with the milliseconds, which Arrow adds to the seconds."""
DAY = "%Y-%m-%d"
DIGEST_BYTES = 16
TEXT = pa.string()


@dataclass(frozen=True)
class Records:
    """n records."""

    identifiers: list[str]
    event_times: list[str]
    values: dict[str, list[str | None]]
    """The (n,) values of each column by name; a missing one is not part of its record."""
    digests: list[bytes]
    """The digest of the values of each record."""

    def record(self, row: int, identifier: str) -> list[dict[str, str]]:
        """Return one record as PutRecord takes it. `identifier` is the name of the feature that identifies it."""
        found = {identifier: self.identifiers[row], EVENT_TIME: self.event_times[row]}
        found |= {name: text for name, texts in self.values.items() if (text := texts[row]) is not None}
        return [{"FeatureName": name, "ValueAsString": value} for name, value in found.items()]


def columns_read(use_case: UseCase, group: FeatureGroup) -> list[str]:
    """Return the columns of the validated rows that the records are made of; windows are computed."""
    own = [] if group.event_time == INGESTED else [group.event_time]
    return list(dict.fromkeys(name for name in (*group.columns, *own) if name not in use_case.windows))


def identifiers(columns: Sequence[pa.Array]) -> pa.Array:
    """Return the (n,) identifiers of the key's columns, as texts. One without a value is null.

    Several values are joined by `|`; `|` and `%` within them are percent-encoded.
    """
    if len(columns) == 1:
        return columns[0].cast(TEXT)
    texts = [column.cast(TEXT) for column in columns]
    encoded = [pc.replace_substring(pc.replace_substring(text, "%", "%25"), "|", "%7C") for text in texts]
    return pc.binary_join_element_wise(*encoded, "|")


def records_of(use_case: UseCase, group: FeatureGroup, rows: pa.RecordBatch, landed: datetime) -> Records:
    """Return the records of n validated rows, with the group's windows. `landed` is when the version landed, in UTC."""
    own = {name: _texts(use_case, name, rows.column(name)) for name in group.columns}
    ids = identifiers([own[name] for name in group.key]).to_pylist()
    values = {name: text.to_pylist() for name, text in own.items() if name != group.identifier}
    return Records(ids, event_times(group, rows, landed), values, _digests(values, len(ids)))


def event_times(group: FeatureGroup, rows: pa.RecordBatch, landed: datetime) -> list[str]:
    """Return the (n,) event times of validated rows."""
    if group.event_time == INGESTED:
        return [f"{landed:%Y-%m-%dT%H:%M:%S}.{landed.microsecond // 1000:03}Z"] * len(rows)
    return _moments(rows.column(group.event_time)).to_pylist()  # type: ignore[no-any-return]


def _moments(column: pa.Array) -> pa.Array:
    return pc.strftime(pc.cast(column, pa.timestamp("ms"), safe=False), format=MOMENT)


def _texts(use_case: UseCase, name: str, column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        day = use_case.split_columns[name].type == DATE
        return pc.strftime(column.cast(pa.timestamp("s")), format=DAY) if day else _moments(column)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(TEXT)


def _digests(values: dict[str, list[str | None]], rows: int) -> list[bytes]:
    names = sorted(values)
    return [
        blake2b(repr([(name, values[name][row]) for name in names]).encode(), digest_size=DIGEST_BYTES).digest()
        for row in range(rows)
    ]
