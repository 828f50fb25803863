"""Converts cells to categories and texts by the rules of `tabular.columns`."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.category_words import category_words
from tabular.cells import masked
from tabular.columns import Column
from tabular.missing_markers import BLANK, stated_texts


def typed_categories(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) cells of `cells_of` to dictionary<int32, string>, with null for missing values and misfits.

    Returns them with the (n,) mask of the misfits, which are numbers that are not finite. A word may be in the
    dictionary more than once.
    """
    if not pa.types.is_large_string(cells.type):
        texts, stated = stated_texts(cells, column.missing, BLANK)
        infinite = stated & _infinite(cells)
        cells = pc.if_else(pa.array(stated & ~infinite), texts, pa.scalar(None, texts.type))
        return coded_categories(cells.dictionary_encode(), column), infinite
    fits = np.zeros(len(cells), dtype=bool)
    plain = _plain_categories(column.categories, column.missing) if column.categories else None
    if plain and (places := plain.places(cells)) is not None:
        return pa.DictionaryArray.from_arrays(places, plain.words), fits
    return coded_categories(cells.dictionary_encode(), column), fits


def coded_categories(cells: pa.DictionaryArray, column: Column) -> pa.DictionaryArray:
    """Convert (n,) texts as `typed_categories` does, each distinct one once. All of them fit the type."""
    texts = cells.dictionary.cast(pa.large_string())
    plain = _plain_categories(column.categories, column.missing) if column.categories else None
    if plain and (places := plain.places(texts)) is not None:
        return pa.DictionaryArray.from_arrays(places.take(cells.indices), plain.words)
    places, words = _coded(texts, column.categories, column.missing)
    return pa.DictionaryArray.from_arrays(places.take(cells.indices), words)


def _coded(texts: pa.Array, categories: tuple[str, ...] | None, markers: tuple[str, ...]) -> tuple[pa.Array, pa.Array]:
    """Return the int32 place of each text's word among the words, null for a missing value, and the words."""
    stripped, stated = stated_texts(texts, markers, BLANK)
    words = category_words([text or "" for text in stripped.to_pylist()], categories)
    return masked(np.arange(len(texts), dtype="int32"), ~stated), pa.array(words, pa.string())


@dataclass(frozen=True, eq=False)
class _PlainCategories:
    """The categories whose own text is read as that category."""

    texts: pa.Array
    words: pa.Array

    def places(self, texts: pa.Array) -> pa.Array | None:
        """Return the int32 place of each text among the words, null for a null; None if one of them is another text."""
        found = pc.index_in(texts, self.texts)
        return found if found.null_count == texts.null_count else None


@lru_cache(maxsize=4096)
def _plain_categories(categories: tuple[str, ...], markers: tuple[str, ...]) -> _PlainCategories:
    places, words = _coded(pa.array(categories, pa.large_string()), categories, markers)
    read = words.take(places).to_pylist()
    plain = [category for category, word in zip(categories, read, strict=True) if category == word]
    return _PlainCategories(pa.array(plain, pa.large_string()), pa.array(plain, pa.string()))


def typed_long_texts(cells: pa.Array, column: Column) -> tuple[pa.Array, np.ndarray]:
    """Convert (n,) cells of `cells_of` to large_string. Returns them with the (n,) mask of the misfits."""
    texts, stated = stated_texts(cells, column.missing, BLANK)
    bad = stated & (_longer(texts, column.longest) | _infinite(cells))
    fitting = stated & ~bad
    return (texts if fitting.all() else pc.if_else(pa.array(fitting), texts, pa.scalar(None, texts.type))), bad


def _longer(texts: pa.Array, longest: int) -> np.ndarray:
    """Return the (n,) mask of the texts with more characters than `longest`."""
    if (pc.max(pc.binary_length(texts)).as_py() or 0) <= longest:  # each character has at least one byte
        return np.zeros(len(texts), dtype=bool)
    long = pc.greater(pc.utf8_length(texts), longest).fill_null(False)
    return np.asarray(long.to_numpy(zero_copy_only=False), dtype=bool)


def _infinite(cells: pa.Array) -> np.ndarray:
    """Return the (n,) mask of the numbers that are not finite. It also has nulls of numbers."""
    if not pa.types.is_floating(cells.type):
        return np.zeros(len(cells), dtype=bool)
    return np.asarray(~np.isfinite(cells.to_numpy(zero_copy_only=False)))
