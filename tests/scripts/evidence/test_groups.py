import pyarrow as pa
import pytest

from tabular.evidence.groups import groups_of


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([17, 18, None, 25, 40]), ["below 18", "18 to below 25", "missing", "25 and above", "25 and above"]),
        (pa.array([17.9, 24.9, float("nan")]), ["below 18", "18 to below 25", "missing"]),
        (pa.array([2**60], pa.int64()), ["25 and above"]),
    ],
)
def test_numbers_are_in_declared_ranges(values: pa.Array, expected: list[str]) -> None:
    found = groups_of({"borders": [18, 25]}, values)
    assert [found.names[number] for number in found.numbers] == expected


def test_one_border_makes_two_groups_and_groups_without_rows_are_left_out() -> None:
    assert groups_of({"borders": [0.5]}, pa.array([0.0, 1.0])).names == ("below 0.5", "0.5 and above")
    assert groups_of({"borders": [0.5]}, pa.array([1.0])).names == ("0.5 and above",)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_categories_are_in_the_order_of_the_schema(kind: pa.DataType) -> None:
    found = groups_of({"categories": ["low", "high"]}, pa.array(["high", "low", "high", None], pa.string()).cast(kind))
    assert found.names == ("low", "high", "missing")
    assert found.counts.tolist() == [1, 2, 1]
