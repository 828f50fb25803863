"""A date that is written in a format is read from it again."""

from datetime import datetime

import pyarrow as pa
import pytest

from tabular.date_formats import COMMON, pattern
from tabular.dates import parse_dates
from tabular.written_dates import written

FORMATS = [*COMMON, ("100%% %B %d, %Y", "date"), ("%d/%m/%Y %H:%M:%S.%f%z", "datetime"), ("%Y%m%dT%I%p", "datetime")]
DAYS = [datetime(1, 1, 1), datetime(999, 12, 31), datetime(1969, 5, 9), datetime(2026, 11, 30), datetime(2068, 2, 29)]


@pytest.mark.parametrize(("format", "kind"), FORMATS)
def test_a_date_is_read_as_it_was_before_it_was_written(format: str | None, kind: str) -> None:
    days = [day for day in DAYS if "%y" not in (format or "") or 1969 <= day.year < 2069]
    moments = days if kind == "date" else [day.replace(hour=hour) for day in days for hour in (0, 11, 12, 23)]
    texts = pa.array([written(moment, format, kind) for moment in moments], pa.large_string())
    found, good = parse_dates(texts, pattern(format, kind))
    assert good.all()
    assert found.tolist() == moments
