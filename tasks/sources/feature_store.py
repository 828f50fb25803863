"""Labels with the features that were known at their time: each row of the labels once, in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from config.errors import SourceError
from config.sources import FeatureStoreSource
from config.use_case import UseCase
from tabular.columns import Column
from tabular.formats import Format
from tabular.suggestions import did_you_mean
from tasks import digests
from tasks.sources.joined import open_part
from tasks.sources.source import headers_of

if TYPE_CHECKING:
    from tasks.sources.source import Source


def open_for(use_case: UseCase) -> "Source":
    """Return the rows of a use case. Its column types decide which keys are equal."""
    return AsKnown(cast(FeatureStoreSource, use_case.source), use_case.name, use_case.columns_by_header)


def open_source(source: FeatureStoreSource, use_case: str, headers: Sequence[str]) -> "Source":
    """Return the rows, whose keys are compared as texts."""
    return AsKnown(source, use_case)


@dataclass(frozen=True)
class AsKnown:
    """The rows of the labels, with the features of feature groups."""

    source: FeatureStoreSource
    use_case: str
    known: Mapping[str, Column] = field(default_factory=dict)
    """The use case's columns by their header."""

    @property
    def labels(self) -> "Source":
        """The rows of the labels."""
        return open_part(self.source.labels, self.use_case, self.known)

    @property
    def format(self) -> Format:
        """The format of the labels."""
        return self.labels.format

    def describe(self) -> str:
        """The labels and the groups, without secrets."""
        groups = ", ".join(f"{each.group} of {each.use_case}" for each in self.source.groups)
        return f"{self.labels.describe()} with features of {groups}"

    def fingerprint(self) -> str | None:
        """Return the fingerprints of the labels and of the groups' files; None when the labels have none."""
        from tasks.feature_store import groups, offline

        labels = self.labels.fingerprint()
        files = [offline.fingerprint(groups.require(each.use_case, each.group)) for each in self.source.groups]
        return None if labels is None else digests.of_json([labels, files])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows. Raises the errors of the labels, and SourceError when columns or features are missing."""
        from tasks.feature_store.offline import times
        from tasks.sources.known_features import KnownFeatures, with_columns

        labels = self.labels
        shown, every = labels.describe(), [KnownFeatures.read(group) for group in self.source.groups]
        for batch in labels.batches():
            names = headers_of(batch.schema)
            _require([*self.source.key, self.source.event_time], names, shown)
            keys = {name: batch.column(name) for name in self.source.key}
            at, added = times(batch.column(self.source.event_time), shown), dict[str, pa.Array]()
            for each in every:
                added |= each.at(each.identifiers_of(keys, self.known, labels.format), at)
            yield with_columns(batch, added, len(names), shown)


def _require(wanted: Sequence[str], names: Sequence[str], source: str) -> None:
    for name in wanted:
        if name not in names:
            raise SourceError(
                f"{source}: expected the column {name!r} of the key or the event time, found {', '.join(names)}"
                f"{did_you_mean(name, names)}"
            )
