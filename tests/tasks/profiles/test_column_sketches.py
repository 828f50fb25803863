"""Sketches of a column: merged, sent to another process, and filled by several threads."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from tasks.profiles.column_sketches import LONGEST_FREQUENT, CategorySketches, NumberSketches
from tests.flows.conftest import PROJECT
from tests.patience import PATIENCE

EIGHT_THREADS = """
import sys, threading
sys.setswitchinterval(1e-7)  # so that another thread runs within the library's first import
import numpy as np
from tasks.profiles.column_sketches import NumberSketches
begin, values = threading.Barrier(8), np.arange(10.0)
def fill():
    sketches = NumberSketches()
    begin.wait()
    sketches.add(values, values)
    assert sketches.estimate == 10
threads = [threading.Thread(target=fill) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("filled")
"""


def of_numbers(numbers: range) -> NumberSketches:
    found, values = NumberSketches(), np.array(numbers, np.float64)
    found.add(values, np.unique(values))
    return found


def of_texts(**counts: int) -> CategorySketches:
    found = CategorySketches()
    found.add(list(counts.items()))
    return found


def test_merged_numbers_are_counted_once_and_keep_their_distribution() -> None:
    found = of_numbers(range(600))
    found.merge(of_numbers(range(300, 900)))
    assert found.estimate == pytest.approx(900, rel=0.05)
    assert found.distribution.get_n() == 1_200
    assert found.distribution.get_quantile(0.5) == pytest.approx(450, abs=20)


def test_the_estimate_depends_on_no_order() -> None:
    at_once, in_parts = of_numbers(range(6_000)), of_numbers(range(4_000, 6_000))
    first = np.arange(4_000, dtype=np.float64)
    in_parts.add(first, first[::-1].copy())
    assert in_parts.estimate == at_once.estimate


def test_merged_texts_have_the_sum_of_their_rows_most_frequent_first() -> None:
    found = of_texts(red=3, green=5)
    found.merge(of_texts(red=4, blue=1))
    assert list(found.estimates.items()) == [("red", 7), ("green", 5), ("blue", 1)]
    assert found.estimate == 3
    assert CategorySketches().estimates == {}


def test_a_long_text_is_frequent_by_its_beginning() -> None:
    assert of_texts(**{"x" * 500: 2}).estimates == {"x" * LONGEST_FREQUENT: 2}


def test_sketches_are_the_same_in_another_process() -> None:
    numbers, texts = of_numbers(range(600)), of_texts(red=3, green=5)
    sent = pickle.loads(pickle.dumps((numbers, texts)))  # noqa: S301
    assert (sent[0].estimate, sent[1].estimates) == (numbers.estimate, texts.estimates)
    assert sent[0].distribution.get_quantile(0.9) == numbers.distribution.get_quantile(0.9)
    sent[1].merge(texts)
    assert sent[1].estimates == {"green": 10, "red": 6}


def test_threads_that_are_the_first_to_profile_do_not_wait_for_each_other_for_ever() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EIGHT_THREADS], cwd=PROJECT, text=True, capture_output=True, timeout=PATIENCE / 5
    )
    assert done.stdout == "filled\n", done.stderr
