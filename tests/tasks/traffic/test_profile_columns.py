"""Profiles with other columns, made one."""

import pyarrow as pa

from tasks.profiles import compact
from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import Profile
from tasks.traffic.profile_columns import merged, of_common_columns

COLUMNS = {"x": ("number", [1.0, 2.0]), "c": ("category", ["a", "b"]), "n": ("integer", [3, 3])}


def of(*names: str, **others: str) -> Profile:
    """The profile of two rows of these columns. `others` are columns of another type."""
    kinds = {**{name: COLUMNS[name][0] for name in names}, **others}
    table = pa.table({name: COLUMNS[name][1] for name in kinds})
    return profile(table.to_batches(), kinds).summary()  # type: ignore[arg-type]


def test_the_columns_that_all_profiles_have_are_merged() -> None:
    found = compact.from_bytes(merged([compact.to_bytes(each) for each in (of("x", "c"), of("n", "c", "x"), of("c"))]))
    assert (found.rows, set(found.columns)) == (6, {"c"})
    assert found.columns["c"].count == 6


def test_a_column_whose_type_changed_is_in_none() -> None:
    kept = of_common_columns([of("x", "n"), of("x", n="number")])
    assert [each.columns.keys() for each in kept] == [{"x"}, {"x"}]


def test_profiles_with_the_same_columns_stay_as_they_are() -> None:
    profiles = [of("x", "c"), of("c", "x")]
    assert of_common_columns(profiles) == profiles
    assert of_common_columns([]) == []


def test_one_profile_has_its_own_bytes() -> None:
    content = compact.to_bytes(of("x"))
    assert merged([content]) is content
