"""The names of data, models and endpoints in OpenLineage, by the OpenLineage specification's naming conventions."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from config import settings
from tasks.references import DatasetVersion, Reference

ADDRESS = re.compile(r"(?P<namespace>[a-z][a-z0-9+.-]+://[^/]+)/(?P<name>.+)")
ARN = re.compile(r"(?P<namespace>arn:[^:]+:[^:]+:[^:]*:[^:]*):(?P<name>.+)")
FILES = re.compile(r" \([\d,]+ files?\)$")
"""What a source of several files adds to its description after it was read."""


class Name(NamedTuple):
    """The namespace and the name of a dataset."""

    namespace: str
    name: str


def name_of(address: str) -> Name | None:
    """Return the name of an address (`s3://bucket/key`, `https://host/path`) or an ARN; None for another text."""
    found = ADDRESS.fullmatch(address) or ARN.fullmatch(address)
    return Name(found["namespace"], found["name"]) if found else None


def source_name(source: str) -> Name:
    """Return the name of a source, which its description identifies: an address, a path, or another text.

    The number of files that were read is not part of it.
    """
    source = FILES.sub("", source)
    path = Path(source).expanduser()
    return name_of(source) or (Name("file", str(path.resolve())) if path.is_file() else Name(settings.NAME, source))


def names_of(reference: Reference) -> list[Name]:
    """Return the names of everything that a reference has an address or an ARN of, each once, in order.

    A dataset version is named by the location of its table, which is the same for all versions.
    """
    if isinstance(reference, DatasetVersion):
        table = name_of(reference.uri.partition("/metadata/")[0])
        return [table] if table else []
    return list(dict.fromkeys(name for text in _texts(reference) if (name := name_of(text))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, Reference):
        for field in type(value).model_fields:
            inner = getattr(value, field)
            # References within a reference are the outputs of earlier stages, except the parts of a tuple.
            if not isinstance(inner, Reference):
                yield from _texts(inner)
