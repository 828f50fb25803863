"""Registered versions with a model card."""

from typing import Any

import pandas as pd

from config.use_case import UseCase
from tasks import champion, storage
from tasks.model_card.facts import CardFacts
from tasks.model_card.publish import write_card
from tasks.model_contract import contract
from tasks.references import DataSplit, Release, ValidatedDataset
from tests.references import a_dataset, a_model, a_split
from tests.tasks.pages.runs import CASE, evaluation
from tests.tasks.releases import new_evaluation, new_model, new_split, of_split, take_steps
from tests.use_cases import small_use_case


def a_validated(**changes: Any) -> ValidatedDataset:
    """600 good rows and 7 in quarantine, with `changes`."""
    plain: dict[str, Any] = {
        "use_case": CASE, "dataset": a_dataset(use_case=CASE, rows=607), "uri": "s3://b/v",
        "quarantine_uri": "s3://b/q.parquet", "report_uri": "s3://b/r", "rows": 600, "quarantined": 7,
    }  # fmt: skip
    return ValidatedDataset(**{**plain, **changes})


def facts(case: UseCase | None = None, **changes: Any) -> CardFacts:
    """The facts of a version of `small_one`, with `changes`."""
    found = evaluation(model=a_model(candidate="logistic", hyperparameters={"C": 0.3, "solver": ""}))
    plain = {
        "use_case": case or small_use_case(), "validated": a_validated(), "evaluation": found, "missing": {},
        "split": a_split(train_rows=360), "models": of_split(a_split(), found.model),
    }  # fmt: skip
    return CardFacts(**{**plain, **changes})


def registered(case: UseCase, value: float = 0.8) -> Release:
    """Register a version with a card: compared with the champion, of a split with a row without a colour."""
    split = split_with_rows(case)
    model = new_model(case, split)
    models, found = of_split(split, model), new_evaluation(case, model, value, champion.read(case))
    release = take_steps(case, split, models, found)
    return write_card.fn(case, a_validated(use_case=case.name), split, models, found, release)


def split_with_rows(case: UseCase) -> DataSplit:
    """A split with a contract and two shards of training rows."""
    split = new_split(case)
    for shard, colours in enumerate((["red", "green"], ["red", None])):
        rows = pd.DataFrame({"age": [15, 16], "colour": colours, "origin": ["here", "there"]})
        storage.put(f"{split.train_uri}/part-{shard}.parquet", storage.parquet(rows))
    storage.put(f"{split.contract_uri}/contract.json", contract(case).json().encode())
    return split
