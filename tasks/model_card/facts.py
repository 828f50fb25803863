"""What a run knows about a version when it registers it."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from config.use_case import UseCase
from tasks import locations, storage
from tasks.references import DataSplit, ModelEvaluation, TrainedModels, ValidatedDataset
from tasks.sagemaker import registry

FACTS, PAGE = "card.json", "card.html"
"""The files of a card."""
LARGEST_FOOTER = 2**20
"""The bytes at the end of a Parquet file that hold its footer."""


class CardFacts(BaseModel):
    """The use case as it was, and the references of the stages until the evaluation."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    use_case: UseCase
    validated: ValidatedDataset
    split: DataSplit
    models: TrainedModels
    evaluation: ModelEvaluation
    missing: dict[str, float]
    """The share of training rows without a value, of each requested column that has some."""

    @property
    def level(self) -> str:
        """The level of the intervals, such as `95%`."""
        return f"{100 * self.use_case.evaluation.intervals.level:g}%"

    @property
    def features(self) -> tuple[str, ...]:
        """The features by name; an engineered one with its kind and columns, and a window with what it is of."""
        return tuple(
            self._described(each)
            if isinstance(each, str)
            else f"{each.name} ({each.kind.replace('_', ' ')} of {', '.join(each.of)})"
            for each in self.use_case.features
        )

    def _described(self, name: str) -> str:
        window = self.use_case.windows.get(name)
        return f"{name} ({window.phrase})" if window else name

    @property
    def left_out(self) -> dict[str, str]:
        """The columns that are no features, each with the reason."""
        case = self.use_case
        reasons = {
            **dict.fromkeys(case.known_only_afterwards, "known only afterwards"),
            **dict.fromkeys(case.target_sources, "the target, or part of it"),
            **dict.fromkeys(case.key, "identifies the row"),
            **{name: "sensitive" for name, column in case.columns.items() if column.sensitive},
            **{name: f"{why} in the training rows" for name, why in self.split.unused_features.items()},
        }
        used = set(case.request_columns) - set(self.split.unused_features)
        others = dict.fromkeys(case.columns, "not chosen as a feature")
        return {name: why for name, why in {**others, **reasons}.items() if name not in used}


def save(identity: str, facts: CardFacts) -> None:
    """Store the facts of the version of an evaluation, by its id."""
    uri = f"{locations.card(facts.use_case.name, identity)}/{FACTS}"
    storage.put(uri, facts.model_dump_json(indent=1).encode(), "application/json")


def find(use_case: UseCase, package: Mapping[str, Any]) -> CardFacts | None:
    """Return the stored facts of a package; None for one that was registered without a card."""
    uri = f"{folder_of(use_case, package)}/{FACTS}"
    try:
        return storage.parsed(uri, storage.get(uri), CardFacts)
    except FileNotFoundError:
        return None


def folder_of(use_case: UseCase, package: Mapping[str, Any]) -> str:
    """The folder of a package's card."""
    return locations.card(use_case.name, registry.facts_of(package).get(registry.EVALUATION, "unknown"))


def missing_shares(use_case: UseCase, split: DataSplit) -> dict[str, float]:
    """Return the share of training rows without a value by column, from the footers of the Parquet files."""
    wanted, nulls, rows = set(use_case.request_columns), dict[str, int](), 0
    for name in storage.names(split.train_uri):
        metadata = pq.read_metadata(pa.BufferReader(storage.get_tail(f"{split.train_uri}/{name}", LARGEST_FOOTER)))
        rows += metadata.num_rows
        for group in range(metadata.num_row_groups):
            for place in range(metadata.num_columns):
                column = metadata.row_group(group).column(place)
                if column.path_in_schema in wanted and column.statistics is not None:
                    nulls[column.path_in_schema] = nulls.get(column.path_in_schema, 0) + column.statistics.null_count
    return {name: count / rows for name, count in nulls.items() if count}
