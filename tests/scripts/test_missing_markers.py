import pandas as pd
import pyarrow as pa

from tabular.missing_markers import integer_markers, number_markers, stated_texts


def stated(texts: list[str | None], markers: tuple[str, ...] = (), **usual: frozenset[str]) -> list[bool]:
    found: list[bool] = stated_texts(pa.array(texts, pa.large_string()), markers, **usual)[1].tolist()
    return found


def test_null_and_the_usual_markers_in_any_case_are_missing() -> None:
    assert stated([None, "", "NA", "n/a", "Null", "0", "none of them"]) == [False] * 5 + [True] * 2


def test_of_a_category_only_the_empty_text_is_missing() -> None:
    assert stated(["", "none"], usual=frozenset({""})) == [False, True]


def test_a_column_s_own_markers_count_in_any_case_and_as_pandas_writes_them() -> None:
    assert stated(["-9", "-9.0", "Unknown", "9"], (" -9 ", "unknown")) == [False, False, False, True]


def test_the_numbers_among_the_markers() -> None:
    markers = ("-9", "-9.5", "unknown", "99999999999999999999")
    assert number_markers(markers).tolist() == [-9.0, -9.5, 1e20]
    assert integer_markers(markers).tolist() == [-9]
    assert pd.Series(integer_markers(())).tolist() == []
