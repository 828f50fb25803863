"""Generates synthetic choices of people among items, with outcomes: made up, with a known pattern and with noise.

People differ in ability and in their interest in each group of items. They choose among the items that they have not
had: an item the more often, the more popular it is and the more its group interests them. Interest also improves the
outcome, so the outcomes of the items that were not chosen are not missing at random (Marlin and Zemel 2009).
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd

from config.sources import ChoicesSource
from tasks import digests
from tasks.sources.source import FrameSource, Source

MIDDLE, OF_ABILITY, OF_LEVEL, OF_INTEREST, NOISE = 72.0, 4.0, 1.5, 4.0, 5.0
"""The outcome of an average person, what ability, ability for each level, and interest add to it, and its noise."""
INTEREST_IN_CHOICES = 1.0
"""How much interest changes the choices; popularity changes them by its logarithm."""
ROUGHLY = 0.5
"""The noise of what is known of ability (`score`) and of interest (`preferred`), in standard deviations."""


def open_source(source: ChoicesSource, use_case: str, headers: Sequence[str]) -> Source:
    """Return the choices with the source's parameters."""
    name = f"synthetic choices of {source.people} people among {len(source.items)} items, seed {source.seed}"
    token = f"choices:{digests.of_bytes(source.model_dump_json().encode())}"
    return FrameSource(name, token, partial(choices, source))


def choices(source: ChoicesSource) -> pd.DataFrame:
    """Return a row for each choice, in the order of the periods. Equal keys of the source give equal rows.

    The columns are `person` (from 1), `score` (a rough measure of ability, 0 to 100), `preferred` (the group of most
    interest, roughly), `item`, `group`, `level`, `begins` (the first day of the period, such as 2024-09-01) and
    `outcome` (0 to 100).
    """
    chance = np.random.default_rng(source.seed)
    groups = sorted({item.group for item in source.items})
    group_of = np.array([groups.index(item.group) for item in source.items])
    ability = chance.standard_normal(source.people)
    interest = chance.standard_normal((source.people, len(groups)))
    score = np.round(60 + 12 * (ability + ROUGHLY * chance.standard_normal(source.people)), 1).clip(0, 100)
    preferred = (interest + ROUGHLY * chance.standard_normal(interest.shape)).argmax(axis=1)
    person, item, period = _chosen(source, interest[:, group_of], chance)
    expected = _expected(source, ability, interest[:, group_of])[person, item]
    outcome = (expected + NOISE * chance.standard_normal(len(person))).clip(0, 100)
    days = [(source.first + timedelta(source.period_days * number)).isoformat() for number in range(source.periods)]
    return pd.DataFrame(
        {
            "person": person + 1,
            "score": score[person],
            "preferred": np.array(groups, dtype=object)[preferred[person]],
            "item": np.array([each.name for each in source.items], dtype=object)[item],
            "group": np.array(groups, dtype=object)[group_of[item]],
            "level": np.array([each.level for each in source.items])[item],
            "begins": np.array(days, dtype=object)[period],
            "outcome": np.round(outcome, 1),
        }
    )


def _expected(source: ChoicesSource, ability: np.ndarray, interest: np.ndarray) -> np.ndarray:
    """Return the (people, items) outcomes without noise, given (people,) abilities and (people, items) interests."""
    levels = np.array([item.level for item in source.items])
    difficulty = np.array([item.difficulty for item in source.items])
    of_ability = ability[:, None] * (OF_ABILITY + OF_LEVEL * levels)
    return np.asarray(MIDDLE + of_ability + OF_INTEREST * interest - difficulty)


def _chosen(
    source: ChoicesSource, interest: np.ndarray, chance: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the (n,) person, item and period of each choice.

    The items of a period are drawn without replacement, in proportion to exp(liking), as the largest of likings with
    Gumbel noise (Kool, van Hoof and Welling 2019).
    """
    liking = INTEREST_IN_CHOICES * interest + np.log([item.popularity for item in source.items])
    begins = chance.integers(0, source.periods // 2 + 1, source.people)
    chosen = list[tuple[np.ndarray, np.ndarray, np.ndarray]]()
    for period in range(source.periods):
        people = np.flatnonzero(begins <= period)
        noisy = liking + chance.gumbel(size=liking.shape)
        items = np.argsort(-noisy[people], axis=1)[:, : source.choices]
        liking[people[:, None], items] = -np.inf
        person = np.repeat(people, source.choices)
        chosen.append((person, items.ravel(), np.full(len(person), period)))
    person, item, period_of = (np.concatenate(part) for part in zip(*chosen, strict=True))
    return person, item, period_of
