"""Rows that tests split."""

import pandas as pd
import pyarrow as pa

from config.use_case import UseCase
from tasks.deciding_rows import DecidingRows, read_deciding_rows


def frame(count: int = 300) -> pd.DataFrame:
    """The (count, 5) rows of the use case `small_one`; the colour is the same in all."""
    numbers = range(count)
    return pd.DataFrame(
        {
            "id": range(1, count + 1),
            "age": [10 + number * 7 % 20 for number in numbers],
            "colour": "red",
            "origin": "here",
            "passed": [["no", "no", "yes"][number % 3] for number in numbers],
        }
    )


def deciding(case: UseCase, rows: pd.DataFrame, size: int = 70) -> DecidingRows:
    """What decides on the (n, columns) rows, read in batches of `size` rows."""
    return read_deciding_rows(case, pa.Table.from_pandas(rows, preserve_index=False).to_batches(size))
