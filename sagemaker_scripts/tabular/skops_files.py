"""Writes skops files that are the same for the same model: skops names objects and arrays by their place in memory."""

import io
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePath
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np
import skops.io

SCHEMA = "schema.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: the first that a zip file can have."""


def dump(model: Any, path: Path) -> None:
    """Write a model. Objects are numbered and files named in the order of the schema."""
    with ZipFile(io.BytesIO(skops.io.dumps(model))) as written, ZipFile(path, "w") as stable:
        schema = json.loads(written.read(SCHEMA))
        for old, new in _renamed(schema).items():
            stable.writestr(ZipInfo(new, EPOCH), _without_padding(new, written.read(old)))
        stable.writestr(ZipInfo(SCHEMA, EPOCH), json.dumps(schema))


def _renamed(schema: Any) -> dict[str, str]:
    """Number the objects of a schema, and name its files, in place. Returns the new name of each file."""
    ids, files = dict[int, int](), dict[str, str]()
    number = count()
    for node in _nodes(schema):
        if "__id__" in node:
            node["__id__"] = ids.setdefault(node["__id__"], len(ids))
        if isinstance(name := node.get("file"), str):
            node["file"] = files[name] if name in files else f"{next(number)}{PurePath(name).suffix}"
            files[name] = node["file"]
    return files


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON value, each before those in it."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _nodes(each)


def _without_padding(name: str, content: bytes) -> bytes:
    """Return the content of a file. The bytes between the fields of a structured array, such as a tree, become 0."""
    if not name.endswith(".npy"):
        return content
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean, written = np.zeros(array.shape, array.dtype), io.BytesIO()
    for field in array.dtype.names:
        clean[field] = array[field]
    np.save(written, clean, allow_pickle=False)
    return written.getvalue()
