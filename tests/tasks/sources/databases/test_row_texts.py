import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest

from config.errors import SourceError
from tasks.sources.databases.row_texts import batch_of

ZONE = datetime.timezone(datetime.timedelta(hours=5))


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((2**62, None, -1), ["4611686018427387904", None, "-1"]),
        ((2**70, 1), ["1180591620717411303424", "1"]),
        ((0.1, 1e300, float("nan")), ["0.1", "1e+300", "nan"]),
        ((1, 2.5), ["1", "2.5"]),
        ((True, None), ["true", None]),
        ((Decimal("1E+5"), Decimal("1.10")), ["100000", "1.10"]),
        ((datetime.datetime(2024, 1, 1, 3, tzinfo=ZONE),), ["2023-12-31T22:00:00+00:00"]),
        ((datetime.datetime(2024, 1, 1, 3),), ["2024-01-01T03:00:00"]),
        ((datetime.date(2024, 2, 29), datetime.time(3, 4)), ["2024-02-29", "03:04:00"]),
        (({"a": [1]}, uuid.UUID(int=1)), ['{"a": [1]}', "00000000-0000-0000-0000-000000000001"]),
        ((" a", 7), [" a", "7"]),
        ((None, None), [None, None]),
    ],
)
def test_a_value_is_its_text(values: tuple[Any, ...], texts: list[str | None]) -> None:
    assert batch_of(["x"], [(value,) for value in values], "db")["x"].to_pylist() == texts


@pytest.mark.parametrize("value", [b"x", [1], (1,), {1}])
def test_a_value_that_is_not_single_is_refused_with_its_column(value: Any) -> None:
    with pytest.raises(
        SourceError, match=f"^db: expected columns of single values, found {type(value).__name__} in 'x'"
    ):
        batch_of(["x"], [(1,), (value,)], "db")


def test_no_rows_have_the_columns_too() -> None:
    assert batch_of(["a", "b"], [], "db").schema.names == ["a", "b"]
