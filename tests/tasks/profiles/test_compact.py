"""The compact form of a profile."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.profiles import compact, merging
from tasks.profiles.drift import compare
from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import NumberProfile, Profile
from tests.tasks.profiles.profile_support import batches, numbers


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


def test_compact_profiles_merge_as_their_profiles_do_in_any_order() -> None:
    contents = [compact.to_bytes(hour(rows, seed=rows)) for rows in (3_000, 1, 40, 700)]
    last = compact.from_bytes(contents[3])
    turned = compact.to_bytes(Profile(rows=last.rows, columns=dict(reversed(last.columns.items()))))
    expected = merging.merged([compact.from_bytes(content) for content in contents])
    assert compact.merged(contents) == expected
    assert compact.merged([turned, *contents[2::-1]]) == expected
    with pytest.raises(ValueError, match="at least one profile"):
        compact.merged([])


def test_a_night_hour_hides_no_part_of_the_day() -> None:
    draws = np.random.default_rng(1)
    night = numbers(np.append(draws.normal(4, 0.5, 600), 0.3))
    day, later = (numbers(draws.random(6_000) ** power) for power in (1, 1.5))
    before, after = (
        compact.merged([compact.to_bytes(Profile(rows=each.count, columns={"x": each})) for each in (part, night)])
        for part in (day, later)
    )
    full = [merging.merged([Profile(rows=1, columns={"x": each}) for each in (part, night)]) for part in (day, later)]
    exact = compare(*(each.columns["x"] for each in full))
    found = compare(before.columns["x"], after.columns["x"])
    assert found.changes[0].psi == pytest.approx(exact.changes[0].psi, abs=0.03)
    assert found.changes[0].psi > 0.1


def test_bytes_of_another_kind_or_version_or_cut_off_are_refused() -> None:
    content = compact.to_bytes(hour(50))
    for cut in (b"", b"x" * 64, content[:90], content[: len(content) // 2], content[:-200]):
        with pytest.raises(ValueError, match="expected a compact profile"):
            compact.from_bytes(cut)
    with pytest.raises(ValueError, match="version 1, found version 2"):
        compact.from_bytes(of_version_2(content))
