"""Converts cells to categories and texts by the rules of `tabular.columns`."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.category_words import category_words
from tabular.columns import Column
from tabular.missing_markers import stated_texts

_BLANK = frozenset({""})
"""In columns of categories and texts, only an empty text is missing."""


def typed_categories(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) cells of `cells_of` to dictionary<int32, string>, with null for missing values and misfits.

    Returns them with the (n,) mask of the misfits, which are numbers that are not finite. A word may be in the
    dictionary more than once.
    """
    if not pa.types.is_large_string(cells.type):
        texts, stated = stated_texts(cells, column.missing, _BLANK)
        infinite = stated & _infinite(cells)
        cells = pc.if_else(pa.array(stated & ~infinite), texts, pa.scalar(None, texts.type))
        return _words(cells.dictionary_encode(), column.categories, column.missing), infinite
    fits = np.zeros(len(cells), dtype=bool)
    plain = _plain_categories(column.categories, column.missing).find(cells) if column.categories else None
    return (_words(cells.dictionary_encode(), column.categories, column.missing) if plain is None else plain), fits


def _words(
    cells: pa.DictionaryArray, categories: tuple[str, ...] | None, markers: tuple[str, ...]
) -> pa.DictionaryArray:
    texts, stated = stated_texts(cells.dictionary, markers, _BLANK)
    words = pa.array(category_words(texts.to_pylist(), categories), pa.string())
    if stated.all():
        return pa.DictionaryArray.from_arrays(cells.indices, words)
    places = pa.array(np.arange(len(texts), dtype="int32"), mask=~stated)
    return pa.DictionaryArray.from_arrays(places.take(cells.indices), words)


@dataclass(frozen=True, eq=False)
class _PlainCategories:
    """The categories whose text is that category by the rules."""

    texts: pa.Array
    words: pa.Array

    def find(self, cells: pa.Array) -> pa.DictionaryArray | None:
        """Return the categories of (n,) texts and nulls; None if one of them is another text."""
        places = pc.index_in(cells, self.texts)
        return pa.DictionaryArray.from_arrays(places, self.words) if places.null_count == cells.null_count else None


@lru_cache(maxsize=4096)
def _plain_categories(categories: tuple[str, ...], markers: tuple[str, ...]) -> _PlainCategories:
    texts = pa.array(categories, pa.large_string())
    found = _words(texts.dictionary_encode(), categories, markers).to_pylist()
    plain = [category for category, word in zip(categories, found, strict=True) if category == word]
    return _PlainCategories(pa.array(plain, pa.large_string()), pa.array(plain, pa.string()))


def typed_long_texts(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) cells of `cells_of` to large_string. Returns them with the (n,) mask of the misfits."""
    texts, stated = stated_texts(cells, column.missing, _BLANK)
    long = pc.greater(pc.utf8_length(texts), column.longest).fill_null(False).to_numpy(zero_copy_only=False)
    bad = stated & (np.asarray(long, dtype=bool) | _infinite(cells))
    fitting = stated & ~bad
    return (texts if fitting.all() else pc.if_else(pa.array(fitting), texts, pa.scalar(None, texts.type))), bad


def _infinite(cells: pa.Array) -> np.ndarray:
    """Return the (n,) mask of the numbers that are not finite. It also has nulls of numbers."""
    if not pa.types.is_floating(cells.type):
        return np.zeros(len(cells), dtype=bool)
    return np.asarray(~np.isfinite(cells.to_numpy(zero_copy_only=False)))
