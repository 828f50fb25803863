"""Generates the cake-pop survey: synthetic answers with a pattern and with noise."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from config.sources import SurveySource
from tasks.sources.source import FrameSource, Source

FRUITS = np.array(["banana", "lemon", "none", "strawberry"])
FLAVOURS = np.array(["chocolate", "lemon", "strawberry"])


def open_source(source: SurveySource, use_case: str, headers: Sequence[str]) -> Source:
    """Return the survey with the source's parameters."""
    name = f"survey of {source.respondents}, seed {source.seed}"
    return FrameSource(name, f"survey:{source.respondents}:{source.seed}", partial(cake_survey, source))


def cake_survey(source: SurveySource) -> pd.DataFrame:
    """Return (respondents, 7) answers. Equal seeds give equal answers. Pocket money is missing for one in twenty."""
    chance = np.random.default_rng(source.seed)
    count = source.respondents
    sweet_tooth = chance.integers(1, 6, count)
    fruit = chance.choice(FRUITS, count)
    coffee = chance.random(count) < 0.4
    liking = np.column_stack(
        [
            0.9 * (sweet_tooth - 3) + 0.8 * coffee,
            1.0 * (3 - sweet_tooth) + 2.2 * (fruit == "lemon"),
            0.2 + 2.4 * (fruit == "strawberry") + 0.6 * ~coffee,
        ]
    )
    flavour = FLAVOURS[(liking + chance.gumbel(scale=0.8, size=liking.shape)).argmax(axis=1)]
    money = np.round(chance.gamma(4.0, 5.0, count), 2)
    return pd.DataFrame(
        {
            "respondent": np.arange(1, count + 1),
            "age": chance.integers(12, 20, count),
            "sweet_tooth": sweet_tooth,
            "favourite_fruit": fruit,
            "drinks_coffee": np.where(coffee, "yes", "no"),
            "pocket_money": np.where(chance.random(count) < 0.05, np.nan, np.clip(money, 0, 200)),
            "flavour": flavour,
        }
    )
