import subprocess
import sys
from datetime import date, datetime

import pyarrow as pa

from tabular.arrow_objects import objects_of
from tabular.shown_values import shown

NANOSECONDS = """
import pyarrow as pa
from tabular import pandas_in_arrow
pandas_in_arrow.disable()
from tabular.arrow_objects import objects_of
from tabular.columns import Column
from tabular.shown_values import shown
from tabular.typed_cells import typed_cells
for zone, text in (
    (None, "1970-07-20 00:00:00.000000001"),
    ("UTC", "1970-07-20 00:00:00.000000001+00:00"),
    ("Europe/Paris", "1970-07-20 01:00:00.000000001+01:00"),
):
    times = pa.array([86_400 * 10**9 * 200 + 1], pa.timestamp("ns", zone))
    assert shown(objects_of(times)[0]) == text, shown(objects_of(times)[0])
    assert typed_cells(times, Column("x", "category"))[0].to_pylist() == [text]
    assert typed_cells(times, Column("x", "datetime"))[1].tolist() == [True]
    assert typed_cells(times, Column("x", "date"))[1].tolist() == [True]
assert objects_of(pa.array([10**12], pa.timestamp("ns")))[0].isoformat() == "1970-01-01T00:16:40"
"""


def test_values_are_python_s_and_nulls_none() -> None:
    assert objects_of(pa.array([1, None])).tolist() == [1, None]
    assert objects_of(pa.array([[1], [2, 3]])).tolist() == [[1], [2, 3]]
    assert objects_of(pa.array([date(2018, 1, 30)])).tolist() == [date(2018, 1, 30)]
    assert objects_of(pa.array([datetime(2018, 1, 30, 9)])).tolist() == [datetime(2018, 1, 30, 9)]


def test_a_value_that_python_lacks_is_described_and_its_neighbours_are_read() -> None:
    first, second = objects_of(pa.array([2**60, 0], pa.timestamp("s")))
    assert shown(first) == "a timestamp[s] beyond what can be read"
    assert second == datetime(1970, 1, 1)


def test_nanoseconds_are_shown_and_refused_without_pandas() -> None:
    done = subprocess.run([sys.executable, "-c", NANOSECONDS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
