"""The bars of a column in the live rows beside those of the reference."""

import pytest

from tasks.pages.charts import BOTTOM, HEIGHT, TOP, WIDTH
from tasks.pages.distributions import LEAST_ROWS, OTHERS, bars_of
from tasks.profiles.stored_profiles import CategoryProfile, NumberProfile
from tests.tasks.pages.monitored import a_profile


def categories(**counts: int) -> CategoryProfile:
    return CategoryProfile(count=sum(counts.values()), missing=0, distinct=len(counts), frequent=counts)


def test_the_largest_share_fills_the_height_and_shares_are_of_each_profile() -> None:
    bars = bars_of(categories(green=50, red=50), categories(green=1000, red=0))
    assert bars
    green, red = bars.pairs
    assert green.live == HEIGHT - BOTTOM - TOP
    assert (green.reference, red.live) == (green.live / 2, 0)
    assert green.title == "green: 50.0% of the reference, 100.0% of the live rows"


def test_numbers_have_bins_of_both_profiles_with_their_bounds() -> None:
    bars = bars_of(a_profile(20, 80).columns["age"], a_profile(80, 20).columns["age"])
    assert bars
    assert [pair.title.partition(":")[0] for pair in bars.pairs] == ["10 to 14", "20 to 29"]
    assert [(text, anchor) for _, text, anchor in bars.ticks] == [("10", "start"), ("29", "end")]


def test_a_category_of_few_rows_and_all_beyond_the_tenth_are_other_values() -> None:
    common = {f"value {place}": 100 - place for place in range(12)}
    bars = bars_of(categories(**common), categories(rare=LEAST_ROWS - 1, **common))
    assert bars
    titles = [pair.title.partition(":")[0] for pair in bars.pairs]
    assert titles == [*(f"value {place}" for place in range(10)), OTHERS]
    assert all(0 <= x <= WIDTH for x, _, _ in bars.ticks)
    assert len(bars.ticks) == 2


@pytest.mark.parametrize("rows", [0, 9])
def test_without_values_there_are_no_bars(rows: int) -> None:
    nothing = NumberProfile(type="number", count=rows, missing=rows, distinct=0, distribution=None)
    assert bars_of(nothing, nothing) is None
    assert bars_of(categories(), categories(green=rows)) is None
    assert bars_of(nothing, categories(green=rows)) is None
