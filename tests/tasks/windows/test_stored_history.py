"""The history of windows is the newest validated rows."""

import pytest

from config.errors import MissingInput
from tasks.windows.stored_history import newest_rows
from tests.tasks.windows.histories import case, history, validated


def test_the_newest_validated_rows_are_the_history(bucket: str) -> None:
    own = case("exams", name="stored_history")
    with pytest.raises(MissingInput, match=r"windows \(exams\): expected validated rows .*run validate"):
        newest_rows(own)
    validated(own, history(10))
    first = newest_rows(own)
    validated(own, history(20))
    assert newest_rows(own) != first
