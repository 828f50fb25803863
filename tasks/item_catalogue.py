"""The items that the rows of a dataset have, and the rows of one user."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import ConfigError
from config.recommendation import Recommendation, time_column
from config.use_case import UseCase
from tasks.deciding_rows import target_numbers


@dataclass(frozen=True)
class Catalogue:
    """What n rows of a dataset tell about their m items, and about one user."""

    items: pd.DataFrame
    """(m, 1 + features) the items, sorted, with their features of their latest rows."""
    counts: np.ndarray
    """(m,) rows with a target."""
    means: np.ndarray
    """(m,) mean targets, in class numbers for a binary target; that of all rows for an item without any."""
    user: pd.DataFrame
    """The rows of the user, the latest last."""

    @property
    def taken(self) -> np.ndarray:
        """The (m,) mask of the items that the user has a row with."""
        item = self.items.columns[0]
        return np.asarray(self.items[item].isin(self.user[item]))

    def rows(self, chosen: np.ndarray) -> pd.DataFrame:
        """Return rows of k chosen items, indexed by their places, with the columns of the schema that were read.

        The columns of items are those of the item. All others are those of the user's latest row.
        """
        items, latest = self.items[chosen], self.user.iloc[[-1] * int(chosen.sum())].set_axis(self.items.index[chosen])
        return pd.DataFrame({name: (items if name in items else latest)[name] for name in self.user})


def rules_of(use_case: UseCase) -> Recommendation:
    """Return the use case's `recommendation`. Raises ConfigError without it."""
    if use_case.recommendation is None:
        raise ConfigError(
            f"{use_case.name}: recommendation: expected the columns of users and items, such as "
            "`recommendation: {user: student, item: course}`; found none"
        )
    return use_case.recommendation


def needed_columns(use_case: UseCase) -> list[str]:
    """Return the columns that `catalogue_of` reads."""
    rules = rules_of(use_case)
    needed = {rules.user, rules.item, *rules.item_features, *use_case.request_columns, *use_case.target_sources}
    of_windows = {name for window in use_case.requested_windows.values() for name in window.key}
    return [name for name in use_case.columns if name in needed | of_windows or name == time_column(use_case)]


def catalogue_of(use_case: UseCase, table: pa.Table, user: str) -> Catalogue:
    """Return the items of a table with `needed_columns`, and the rows of the user whose value as text is `user`."""
    rules, order = rules_of(use_case), time_column(use_case)
    targets = _targets(use_case, table)
    if order:
        places = pc.sort_indices(pa.table({"time": table[order], "row": np.arange(len(table))}),
                                 sort_keys=[("time", "ascending"), ("row", "ascending")])  # fmt: skip
        table, targets = table.take(places), targets[places.to_numpy()]
    rows = table.select([rules.item, *rules.item_features]).to_pandas()
    items = rows.drop_duplicates(rules.item, keep="last").sort_values(rules.item, ignore_index=True)
    by_item = pd.Series(targets).groupby(rows[rules.item].to_numpy()).agg(["count", "mean"]).loc[items[rules.item]]
    return Catalogue(
        items=items,
        counts=by_item["count"].to_numpy(),
        means=by_item["mean"].fillna(pd.Series(targets).mean()).to_numpy(),
        user=table.filter(pc.equal(table[rules.user].cast(pa.string()), user)).to_pandas(),
    )


def _targets(use_case: UseCase, table: pa.Table) -> np.ndarray:
    """Return the (n,) targets as numbers, NaN without one."""
    parts = [target_numbers(use_case, batch).astype("float64") for batch in table.to_batches()]
    found = np.concatenate(parts or [np.zeros(0)])
    return np.where(found < 0, np.nan, found) if use_case.target.classes else found
