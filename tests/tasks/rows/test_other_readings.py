from typing import Any

import pyarrow as pa
import pytest

from config.errors import SourceError
from config.use_case import UseCase
from tasks.rows.other_readings import OtherReadings
from tests.use_cases import small_use_case


def case(**column: Any) -> UseCase:
    """A use case with a column x; a tenth of the rows may be quarantined."""
    columns = {**small_use_case().model_dump()["columns"], "x": {"type": "number", **column}}
    return small_use_case(columns=columns, quality={"minimum_rows": 1, "maximum_quarantined_share": 0.1})


def refuse(use_case: UseCase, read: list[str], unread: list[str], rows: int = 100) -> None:
    """Add a column's cells as one batch, those that could be read first, and refuse another reading of them."""
    readings = OtherReadings(use_case, "rows.csv")
    typed = pa.array([1.0] * len(read) + [None] * len(unread))
    readings.add("x", pa.array([*read, *unread], pa.large_string()), typed, unread)
    readings.refuse(rows)


@pytest.mark.parametrize(
    ("column", "unread", "message"),
    [
        ({}, ["7,25"], 'expected numbers with a decimal point, found 11 .* `decimal: ","` in the source of small_one'),
        (
            {"type": "date"},
            ["31/12/2018"],
            "found 11 of 100 in another format. Write `type: date, .*` in columns.x",
        ),
    ],
)
def test_a_reading_that_fits_more_cells_than_may_be_quarantined_is_to_be_written(
    column: dict[str, Any], unread: list[str], message: str
) -> None:
    refuse(case(**column), [], unread * 10)
    with pytest.raises(SourceError, match=f"^rows.csv: x: .*{message}"):
        refuse(case(**column), [], unread * 11)


def test_numbers_that_mean_others_by_the_marks_of_the_unread_ones_are_refused_however_few_those_are() -> None:
    with pytest.raises(SourceError, match=r'found 1 of 100 in another format\. Write `decimal: ",", thousands: '):
        refuse(case(), ["1.234"], ["1.234,5"])
    refuse(case(), ["1.2345"], ["1.234,5"])


def test_cells_that_no_format_fits_are_not_refused_here() -> None:
    refuse(case(), ["1"], ["old"] * 99)
    refuse(case(type="date"), [], ["soon"] * 99)
    refuse(case(), ["1"], [])
