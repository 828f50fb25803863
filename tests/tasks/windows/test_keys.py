"""Equal keys have equal numbers, and unknown ones have none."""

import pyarrow as pa

from tasks.windows.keys import numbered

PLACES = pa.array(["x", "y", "x", None, "y"])


def test_equal_keys_have_equal_numbers_and_missing_ones_none() -> None:
    known, asked = numbered([PLACES])
    assert known.tolist() == [0, 1, 0, -1, 1]
    assert asked.tolist() == []
    assert numbered([PLACES.dictionary_encode()])[0].tolist() == known.tolist()


def test_asked_keys_have_the_numbers_of_the_known_ones() -> None:
    years = pa.array([1, 1, 2, 1, 1])
    known, asked = numbered([PLACES, years], [pa.array(["x", "y", "z", "x"]), pa.array([2, 1, 1, 3])])
    assert known[0] != known[2]
    assert known[1] == known[4]
    assert asked.tolist() == [known[2], known[1], -1, -1]


def test_without_known_rows_every_key_is_unknown() -> None:
    none = pa.array([], pa.string())
    assert numbered([none, none], [PLACES, PLACES])[1].tolist() == [-1] * 5
