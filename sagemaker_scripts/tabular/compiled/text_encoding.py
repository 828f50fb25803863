"""Encodes texts with the weights of training. The hashing is scikit-learn's, which only models with texts import."""

from pathlib import Path

import numpy as np

from tabular.compiled.encoding import TextEncoder
from tabular.compiled.files import read_arrays
from tabular.compiled.steps import Words


def text_encoder(step: Words, folder: Path) -> TextEncoder:
    """Return the function that encodes n texts as (n, width) floats."""
    from sklearn.feature_extraction.text import HashingVectorizer

    arrays = read_arrays(folder / step.file)
    idf, components = arrays["idf"], np.ascontiguousarray(arrays["components"].T)
    hashing = HashingVectorizer(n_features=step.hashes, ngram_range=step.ngrams, alternate_sign=False, norm=None)

    def encode(texts: list[str]) -> np.ndarray:
        counts = hashing.transform(texts).astype("float64")
        weights = (np.log(counts.data) + 1) * idf[counts.indices]
        rows = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
        norms = np.sqrt(np.bincount(rows, weights**2, minlength=len(texts)))
        counts.data = weights / norms[rows]
        return np.asarray(counts @ components)

    return encode
