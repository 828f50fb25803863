from datetime import date, datetime

import numpy as np
import pyarrow as pa

from tabular.columns import Column
from tabular.date_cells import native_dates, typed_dates

DAY, TIME = Column("x", "date", format="%d/%m/%Y"), Column("x", "datetime")


def objects(*values: object) -> np.ndarray:
    return np.fromiter(values, dtype=object, count=len(values))


def test_native_dates_are_found_in_arrow_and_among_other_cells() -> None:
    assert native_dates(pa.array([date(2018, 1, 30), None])).tolist() == [True, False]
    assert native_dates(pa.array(["2018-01-30"])).tolist() == [False]
    assert native_dates(objects(date(2018, 1, 30), "2018-01-30", None, datetime(2018, 1, 30))).tolist() == [
        True, False, False, True,
    ]  # fmt: skip


def test_texts_in_the_format_and_native_dates_are_read_side_by_side() -> None:
    found, unfit = typed_dates(objects("30/01/2018", date(2018, 1, 30), "2018-01-30", None, [1]), DAY)
    assert found.to_pylist() == [datetime(2018, 1, 30)] * 2 + [None] * 3
    assert unfit.tolist() == [False, False, True, False, True]


def test_arrow_times_of_any_unit_and_zone_are_utc_in_microseconds() -> None:
    for unit in ("s", "ms", "us", "ns"):
        for zone in (None, "UTC", "Europe/Paris"):
            times = pa.array([1517270400, None]).cast(pa.timestamp("s")).cast(pa.timestamp(unit))
            found, unfit = typed_dates(times.view(pa.int64()).cast(pa.timestamp(unit, zone)), TIME)
            assert found.to_pylist() == [datetime(2018, 1, 30), None]
            assert not unfit.any()


def test_a_marker_is_missing_as_text_and_as_native_date() -> None:
    column = Column("x", "date", missing=("9999-12-31",))
    for cells in (objects("9999-12-31", "2018-01-30"), pa.array([date(9999, 12, 31), date(2018, 1, 30)])):
        found, unfit = typed_dates(cells, column)
        assert found.to_pylist() == [None, datetime(2018, 1, 30)]
        assert not unfit.any()
