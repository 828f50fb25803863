"""Builds the first use case of a file: the guesses, the content of the YAML and its text."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import yaml

from config.errors import GateError
from config.schema import Task
from config.sources import LocationSource
from config.use_case import UseCase
from tasks.first_use_case.columns import guess_columns
from tasks.first_use_case.document import Parts, document, gate_reason
from tasks.first_use_case.features import choose_features
from tasks.first_use_case.file_formats import Keys, find_format
from tasks.first_use_case.gates import QuickScores, quick_scores
from tasks.first_use_case.guess import Guess
from tasks.first_use_case.keys import guess_key, unlimit_key
from tasks.first_use_case.splits import split_choices
from tasks.first_use_case.targets import TargetGuess, find_target, guess_target
from tasks.sources import open_source
from tasks.sources.samples import Sample, sample
from tasks.split_trial import tried_split

MEASURED = 30
"""The least number of rows on which quick models are measured."""


@dataclass(frozen=True)
class Draft:
    """A first use case."""

    text: str
    """The YAML."""
    use_case: UseCase
    guesses: tuple[Guess, ...]
    read: str
    """What was read of the source."""
    to_check: tuple[tuple[str, str], ...]
    """What a person should check: a key of the YAML, and why."""


def first_use_case(name: str, address: str, target: str, task: Task | None = None) -> Draft:
    """Read a sample of the file at an address, and return its first use case.

    Raises SourceError when the file can't be read, and ConfigError when `target` can't be predicted from its columns.
    """
    keys = find_format(address)
    source = LocationSource(kind="location", location=address, **{key: found.value for key, found in keys.items()})
    opened = open_source(source, None, name)
    read = sample(opened, address)
    guesses = guess_columns(read, opened.format, address)
    parts = _parts(name, address, keys, guesses, guess_target(find_target(guesses, target), task), read)
    frame = _frame(parts)
    scores = quick_scores(_parsed(document(parts, None)), frame) if len(frame) >= MEASURED else None
    text = document(parts, scores)
    return Draft(text, _parsed(text), tuple(guesses), read.described, tuple(_to_check(parts, scores)))


def _parts(name: str, address: str, keys: Keys, guesses: list[Guess], target: TargetGuess, read: Sample) -> Parts:
    """Return the guesses with the first split that gives each part rows of every class."""
    key, why_key = guess_key(guesses, target.name)
    unlimit_key(guesses, key)
    rejected: list[str] = []
    for split, why in split_choices(guesses, target.name):
        features, left_out = choose_features(guesses, target, key, split)
        parts = Parts(
            name=name,
            address=address,
            source=keys,
            guesses=guesses,
            target=target,
            key=key,
            why_key=why_key,
            split=split,
            why_split="; ".join(rejected) or why,
            features=features,
            left_out=left_out,
            read=read,
        )
        if split["by"] == "random" or _splits(parts):
            break
        rejected.append(f"not by {split['column']}: a part would lack a class or rows")
    return parts


def _splits(parts: Parts) -> bool:
    try:
        tried_split(_parsed(document(parts, None)), _frame(parts))
    except GateError:
        return False
    return True


def _parsed(text: str) -> UseCase:
    return UseCase.model_validate(yaml.safe_load(text))


def _frame(parts: Parts) -> pd.DataFrame:
    """Return the typed rows that have a target."""
    frame = pd.DataFrame({guess.name: guess.values for guess in parts.guesses})
    classes = parts.target.classes
    stated = frame[parts.target.name].notna() if classes is None else frame[parts.target.name].isin(classes)
    return frame[stated].reset_index(drop=True)


def _to_check(parts: Parts, scores: QuickScores | None) -> Iterator[tuple[str, str]]:
    yield "question, kpis", "write your own"
    yield from ((f"source.{name}", f"{_shown(found.value)}: {found.reason}") for name, found in parts.source.items())
    for guess in parts.guesses:
        yield from ((f"columns.{guess.name}", why) for why in guess.to_check)
    yield "key", f"{', '.join(parts.key) or 'none'}: {parts.why_key}"
    yield "target", f"{parts.target.task}: {parts.target.reason}"
    yield "split", f"by {parts.split['by']}: {parts.why_split}"
    yield "evaluation", gate_reason(scores)


def _shown(value: object) -> str:
    """Return a value of the source; of a list its first and its last entry."""
    return f"{value[0]} to {value[-1]}" if isinstance(value, list) else repr(value)
