"""Rows that tests split."""

import pandas as pd


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
