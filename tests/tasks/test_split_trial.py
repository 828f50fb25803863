"""A split is tried on rows in memory."""

import pandas as pd
import pytest

from config.errors import GateError
from tasks.split_trial import tried_split
from tests.use_cases import small_use_case

ROWS = pd.DataFrame({"id": range(60), "passed": ["no", "yes", None] * 20})


def test_the_parts_share_the_rows_with_a_target() -> None:
    parts = tried_split(small_use_case(), ROWS)
    assert [len(part) for part in parts] == [24, 8, 8]
    assert sorted(row for part in parts for row in part) == [row for row in range(60) if row % 3 < 2]


def test_a_split_that_gives_a_part_no_row_of_a_class_is_refused() -> None:
    with pytest.raises(GateError, match="expected at least 3 rows of each class"):
        tried_split(small_use_case(), ROWS[ROWS.passed == "no"])
