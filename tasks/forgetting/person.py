"""Whose rows are removed: the values of the key, and how a row with them is recognised."""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import ConfigError
from config.use_case import UseCase
from tabular.columns import Column
from tasks import locations, storage
from tasks.feature_store.records import identifiers
from tasks.model_contract import TEXT, UNREAD
from tasks.rows.quarantine import REASONS
from tasks.rows.whole_cells import whole_cell

DIGEST_KEY = "secret.bin"
DIGEST_BYTES = 16
SHOWN_AS = "[removed]"
WRITTEN = ("identifier", "event_time", "digest")
"""The columns of what was written to a feature group. The first is the key as one text."""


@dataclass(frozen=True)
class Person:
    """Rows whose columns of the key have these values. Several keys are removed together."""

    columns: tuple[str, ...]
    """The columns of the key."""
    keys: tuple[tuple[str, ...], ...]
    """The values of each key, as texts."""

    @property
    def identifiers(self) -> list[str]:
        """Each key as one text, as in the feature store: its values joined by `|`."""
        arrays = [pa.array([key[place] for key in self.keys], pa.string()) for place in range(len(self.columns))]
        return identifiers(arrays).to_pylist()  # type: ignore[no-any-return]

    def mask(self, batch: pa.RecordBatch | pa.Table) -> np.ndarray:
        """Return the (n,) mask of the person's rows, malformed ones with the key in their text among them."""
        found = np.zeros(batch.num_rows, dtype=bool)
        if set(self.columns) <= set(batch.schema.names):
            known = identifiers([_texts(batch.column(name)) for name in self.columns])
            found |= _true(pc.is_in(known, value_set=pa.array(self.identifiers, pa.string())))
            if UNREAD in batch.schema.names:
                found |= self._unread(batch)
        if set(WRITTEN) <= set(batch.schema.names):
            found |= _true(pc.is_in(_texts(batch.column(WRITTEN[0])), pa.array(self.identifiers, pa.string())))
        if REASONS in batch.schema.names:
            found |= self._in_reasons(batch.column(REASONS))
        if TEXT in batch.schema.names:
            found |= self._in_texts(_texts(batch.column(TEXT)))
        return found

    def _unread(self, batch: pa.RecordBatch | pa.Table) -> np.ndarray:
        """Rows whose key did not fit its type, and has the text of the key."""
        found = np.zeros(batch.num_rows, dtype=bool)
        texts = _texts(batch.column(UNREAD)).to_pylist()
        for row, text in enumerate(texts):
            unread = json.loads(text) if text else {}
            if not set(unread) & set(self.columns):
                continue
            values = [unread.get(name, batch.column(name)[row].as_py()) for name in self.columns]
            found[row] = tuple(str(value).strip() for value in values) in self.keys
        return found

    def _in_reasons(self, reasons: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """Rows whose reasons name the key: those of predictions by key that no feature group has a record of."""
        named = [f"key {text!r}:" for text in self.identifiers]
        rows = reasons.to_pylist()
        found = (any(reason.startswith(each) for reason in row or () for each in named) for row in rows)
        return np.fromiter(found, dtype=bool, count=len(rows))

    def _in_texts(self, texts: pa.Array) -> np.ndarray:
        found = np.zeros(len(texts), dtype=bool)
        for key in self.keys:
            every = np.ones(len(texts), dtype=bool)
            for value in key:
                every &= _true(pc.match_substring_regex(texts, whole_cell(value)))
            found |= every
        return found

    def digests(self, use_case: str) -> list[str]:
        """Return a keyed digest of each key (HMAC-SHA256). Without the secret in S3 no key can be tried out."""
        secret = _secret(use_case)
        return [
            hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[: 2 * DIGEST_BYTES] for text in self.identifiers
        ]


def person_of(use_case: UseCase, given: Sequence[str]) -> Person:
    """Return the person with these keys, written as for `predict --key`: several values are joined by `|`.

    The key is that of the use case's feature group, else the use case's own. Raises ConfigError without one, and for a
    value that does not fit its column.
    """
    columns = use_case.feature_store.key if use_case.feature_store else use_case.key
    if not columns:
        raise ConfigError(
            f"{use_case.name}: key: expected the columns that identify a person's rows, found none. Add `key` to the "
            "use case: without it no row can be told from others"
        )
    return Person(columns, tuple(dict.fromkeys(_values(use_case, columns, text) for text in given)))


def _values(use_case: UseCase, columns: tuple[str, ...], given: str) -> tuple[str, ...]:
    parts = [given] if len(columns) == 1 else [_decoded(part) for part in given.split("|")]
    if len(parts) != len(columns) or not all(part.strip() for part in parts):
        raise ConfigError(f"--key: expected {' | '.join(columns)}, joined by `|`; found {len(parts)} value(s)")
    return tuple(_canonical(use_case.columns[name], part.strip()) for name, part in zip(columns, parts, strict=True))


def _canonical(column: Column, text: str) -> str:
    if column.type != "integer":
        return text
    if not re.fullmatch(r"[+-]?[0-9]+", text):  # `int` also reads 1_0, which is the number of another person
        raise ConfigError(f"--key: expected an integer for {column.name}, found another text")
    return str(int(text))


def _decoded(part: str) -> str:
    return part.replace("%7C", "|").replace("%25", "%")


def _texts(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    if pa.types.is_dictionary(whole.type):
        whole = whole.cast(whole.type.value_type)
    if pa.types.is_timestamp(whole.type) or pa.types.is_date(whole.type):
        return pc.strftime(whole.cast(pa.timestamp("s")), format="%Y-%m-%d")
    return whole.cast(pa.string())


def _true(values: pa.Array) -> np.ndarray:
    return np.asarray(values.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)


def _secret(use_case: str) -> bytes:
    uri = f"{locations.forgotten(use_case)}/{DIGEST_KEY}"
    with suppress(storage.Changed):
        storage.put_if(uri, secrets.token_bytes(32), None)
    return storage.get(uri)
