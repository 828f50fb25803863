"""The compact form of a profile."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.profiles import compact
from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import NumberProfile, Profile
from tests.tasks.profiles.profile_support import batches


def hour(rows: int, seed: int = 1) -> Profile:
    draws = np.random.default_rng(seed)
    table = {
        "x": draws.normal(size=rows),
        "n": pa.array(draws.integers(0, 9, rows), mask=draws.random(rows) < 0.1),
        "c": pa.array(draws.choice(list("abc"), rows)),
        "many": pa.array(draws.integers(0, 9_000, rows).astype(str)),
        "nothing": pa.nulls(rows, pa.float64()),
    }
    kinds = {"x": "number", "n": "integer", "c": "category", "many": "category", "nothing": "number"}
    return profile(batches(5_000, **table), kinds).summary()  # type: ignore[arg-type]


def of_version_2(content: bytes) -> bytes:
    with pa.ipc.open_stream(content) as reader:
        batch = reader.read_next_batch()
    about = {**batch.schema.metadata, b"version": b"2"}
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema.with_metadata(about)) as writer:
        writer.write_batch(batch.replace_schema_metadata(about))
    return bytes(sink.getvalue())


@pytest.mark.parametrize("rows", [1, 60, 8_000])
def test_a_compact_profile_has_every_figure_and_fewer_bins(rows: int) -> None:
    full = hour(rows)
    found = compact.from_bytes(compact.to_bytes(full))
    x, before = found.columns["x"], full.columns["x"]
    assert isinstance(x, NumberProfile)
    assert isinstance(before, NumberProfile)
    assert x.distribution
    assert before.distribution
    assert x.distribution.histogram
    assert len(x.distribution.histogram.rows) <= 3 * compact.SIZE.bins
    assert sum(x.distribution.histogram.rows) == rows
    same = x.distribution.model_copy(update={"histogram": before.distribution.histogram})
    assert {**found.columns, "x": x.model_copy(update={"distribution": same})} == full.columns
    assert found.rows == full.rows


def test_equal_profiles_have_equal_bytes_and_a_second_round_changes_nothing() -> None:
    content = compact.to_bytes(hour(4_000))
    assert compact.to_bytes(compact.from_bytes(content)) == content == compact.to_bytes(hour(4_000))


def test_bytes_of_another_kind_or_version_or_cut_off_are_refused() -> None:
    content = compact.to_bytes(hour(50))
    for cut in (b"", b"x" * 64, content[:90], content[: len(content) // 2], content[:-200]):
        with pytest.raises(ValueError, match="expected a compact profile"):
            compact.from_bytes(cut)
    with pytest.raises(ValueError, match="version 1, found version 2"):
        compact.from_bytes(of_version_2(content))
