"""Results that the workers of a run share."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.shared_results import made_once


def test_callers_at_the_same_time_get_what_the_first_one_made(tmp_path: Path) -> None:
    numbers = count(1)
    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(made_once, tmp_path / "shared", lambda: {"n": next(numbers)}) for _ in range(8)]
    assert [result.result() for result in results] == [{"n": 1}] * 8


def test_what_fails_is_made_again_by_the_next_caller(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        made_once(tmp_path, lambda: 1 // 0)
    assert made_once(tmp_path, lambda: 2) == 2
