"""The group of the SageMaker Feature Store that a use case's validated rows are written to."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from config.documents import Document, repeats
from config.split_consistency import unknown
from tabular.date_formats import TEMPORAL

if TYPE_CHECKING:
    from config.use_case import UseCase

INGESTED = "ingested"
EVENT_TIME = "event_time"
"""The feature with the time from which a record is valid."""
IDENTIFIER = "record_identifier"
"""The feature with the identifier of a record whose key has several columns."""
RESERVED = ("is_deleted", "write_time", "api_invocation_time")
"""Names that the Feature Store uses itself (Amazon SageMaker API reference, FeatureDefinition)."""
FEATURE = r"[a-zA-Z0-9](?:[_-]*[a-zA-Z0-9]){0,63}"
"""The form of a feature's name (Amazon SageMaker API reference, FeatureDefinition)."""
GROUP = r"^[a-z][a-z0-9-]{0,28}[a-z0-9]$"
"""The form of a group's name. With the use case's name before it, a name has at most 55 characters of 64."""


class FeatureGroup(Document):
    """A feature group. `validate` writes the new and changed rows that fit the schema to it."""

    group: str = Field(pattern=GROUP)
    """The name. The group in SageMaker is called `<use case>-<name>`."""
    key: tuple[str, ...] = Field(min_length=1)
    """The columns that identify a record."""
    event_time: str = INGESTED
    """The date or datetime column from which a row is valid, in UTC, or `ingested`: when the dataset version landed."""
    features: tuple[str, ...] = Field(min_length=1)
    """The columns and windows that are written. A window has the value of its moment, the record's event time."""
    sensitive: tuple[str, ...] = ()
    """The sensitive columns among key and features. Another sensitive column is refused."""
    online: bool = True
    """Whether the newest record of each key can be read for predictions (`vishwaops predict --key`)."""

    @property
    def identifier(self) -> str:
        """The feature that identifies a record: the key's column, or one with the values of several."""
        return self.key[0] if len(self.key) == 1 else IDENTIFIER

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are written: the key and the features, each once."""
        return tuple(dict.fromkeys([*self.key, *self.features]))


def feature_store_problems(case: "UseCase") -> Iterator[str]:
    """Yield the mistakes between the group and the other parts of a use case."""
    if (group := case.feature_store) is None:
        return
    yield from _names(case, group)
    yield from _event_time(case, group)
    known = [name for name in group.columns if name in case.split_columns]
    for name in known:
        if case.split_columns[name].sensitive and name not in group.sensitive:
            yield (
                f"feature_store: expected sensitive columns only where `sensitive` lists them, found {name!r}. Remove "
                "it, or list it there too"
            )
    for name in group.sensitive:
        if name not in known or not case.split_columns[name].sensitive:
            yield f"feature_store.sensitive: expected sensitive columns among key and features, found {name!r}"


def _names(case: "UseCase", group: FeatureGroup) -> Iterator[str]:
    for key, names in {"key": group.key, "features": group.features, "sensitive": group.sensitive}.items():
        yield from (f"feature_store.{key}: expected each column once, found {name!r} again" for name in repeats(names))
    for key, names in {"key": group.key, "features": group.features}.items():
        for name in dict.fromkeys(names):
            if name not in case.columns and not (key == "features" and name in case.windows):
                yield f"feature_store.{key}: {unknown(case, name)}"
            elif key == "key" and case.columns[name].nullable:
                yield f"feature_store.key: expected columns without missing values, found {name!r}, which is nullable"
            elif name in case.target_sources and key == "features":
                yield f"feature_store.features: expected no column that the target is computed from, found {name!r}"
            elif problem := _not_a_feature(name):
                yield f"feature_store.{key}: {problem}"


def _not_a_feature(name: str) -> str | None:
    if name.lower() in (*RESERVED, EVENT_TIME, IDENTIFIER):
        return f"expected no name that the feature group uses itself, found {name!r}. Rename the column"
    if not re.fullmatch(FEATURE, name):
        return f"expected a name of at most 64 letters and digits, `-` and `_` only between them; found {name!r}"
    return None


def _event_time(case: "UseCase", group: FeatureGroup) -> Iterator[str]:
    if group.event_time == INGESTED:
        return
    column = case.columns.get(group.event_time)
    if column is None:
        yield f"feature_store.event_time: {unknown(case, group.event_time)}"
    elif column.type not in TEMPORAL:
        yield f"feature_store.event_time: expected a date or datetime, found the {column.type} {group.event_time!r}"
    elif column.nullable:
        yield f"feature_store.event_time: expected a column without missing values, found {group.event_time!r}"
