"""One-hot encoding of categories, in which rare ones share a column."""

from sklearn.preprocessing import OneHotEncoder

RARE = 10
"""The least number of rows of a category with its own column. Rarer categories share one column."""


def one_hot_encoder() -> OneHotEncoder:
    """Return an encoder of texts. A category that no training row has is in the rare ones' column, or in none."""
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, sparse_output=False)
