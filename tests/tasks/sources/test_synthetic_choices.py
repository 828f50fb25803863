"""Synthetic choices: repeatable, without a repeated item, and not missing at random."""

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from config.sources import ChoicesSource
from tasks.sources import open_source
from tasks.sources.synthetic_choices import choices
from tests.source_rows import gathered, of
from tests.use_cases import load_use_case

CONFIGURED = load_use_case("course_recommendation").source
assert isinstance(CONFIGURED, ChoicesSource)
SOURCE: ChoicesSource = CONFIGURED


def source(**changes: Any) -> ChoicesSource:
    """A hundred people who choose two of the four items of two groups."""
    plain = {
        "kind": "synthetic_choices", "people": 400, "periods": 1, "first": "2024-01-01", "period_days": 30,
        "choices": 2, "seed": 3,
        "items": [{"name": name, "group": name[0], "popularity": 9 if name == "a1" else 1} for name in
                  ("a1", "a2", "b1", "b2")],
    }  # fmt: skip
    return TypeAdapter(ChoicesSource).validate_python({**plain, **changes})


def test_equal_keys_are_equal_rows_with_an_equal_fingerprint() -> None:
    assert of(SOURCE) == of(SOURCE)
    other = SOURCE.model_copy(update={"seed": 18})
    first, second = (open_source(each, None, "case") for each in (SOURCE, other))
    assert first.fingerprint() != second.fingerprint()
    assert gathered(first) != gathered(second)


def test_nobody_has_an_item_twice_and_everybody_stays_to_the_end() -> None:
    rows = choices(SOURCE)
    assert not rows.duplicated(["person", "item"]).any()
    assert rows["begins"].is_monotonic_increasing
    last = rows[rows["begins"] == rows["begins"].max()]
    assert sorted(last["person"].unique()) == list(range(1, 161))
    assert (rows.groupby(["person", "begins"]).size() == 3).all()
    assert (rows.groupby("person")[["score", "preferred"]].nunique() == 1).all(axis=None)


def test_popular_items_are_chosen_more_and_people_choose_where_they_do_better() -> None:
    rows = choices(source())
    counts = rows["item"].value_counts()
    assert counts["a1"] > 1.3 * counts["a2"]
    own = rows["preferred"] == rows["group"]
    assert own.mean() > 0.55  # half of the items are of the preferred group
    assert rows["outcome"][own].mean() > rows["outcome"][~own].mean() + 2


def test_difficulty_lowers_the_outcome_and_ability_counts_more_on_a_higher_level() -> None:
    items = [
        {"name": "easy", "group": "a", "difficulty": -10}, {"name": "hard", "group": "a", "difficulty": 10},
        {"name": "high", "group": "a", "level": 9}, {"name": "low", "group": "a", "level": 1},
    ]  # fmt: skip
    rows = choices(source(people=800, choices=4, items=items))
    means = rows.groupby("item")["outcome"].mean()
    assert 17 < means["easy"] - means["hard"] < 23
    slopes = {name: np.polyfit(part["score"], part["outcome"], 1)[0] for name, part in rows.groupby("item")}
    assert slopes["high"] > 2 * slopes["low"] > 0


def test_too_few_items_and_repeated_names_are_refused() -> None:
    with pytest.raises(ValidationError, match="items: expected at least 6, for 2 choices in each of 3 periods"):
        source(periods=3)
    with pytest.raises(ValidationError, match="items: expected each name once, found 'a' again"):
        source(items=[{"name": "a", "group": "a"}, {"name": "a", "group": "b"}])
