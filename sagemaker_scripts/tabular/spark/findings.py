"""Finds the rows that fail each rule, by Spark's SQL over the view `stored_rows`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tabular.spark.part_rows import FAILED
from tabular.stored_columns import MALFORMED

Columns = Mapping[str, np.ndarray]
"""Columns of int64, in ascending order of rows."""


class Findings:
    """Finds the rows that fail each rule."""

    def __init__(self, plan: Mapping[str, Any], session: Any) -> None:
        """`plan` is that of a CheckJob."""
        self._plan, self._session = plan, session
        self._compared = "sound_rows"
        """The view of the rows that are compared with each other."""
        self.duplicates = 0
        """The number of rows that equal an earlier row."""

    def run(self) -> tuple[list[tuple[int, int]], Columns, Columns, Columns]:
        """Return the failures by rule, and the columns of the failures, verdicts and duplicates, by row."""
        sql, keeps = self._session.sql, self._plan["duplicates"]["action"] == "keep"
        self._view("sound_rows", f"SELECT * FROM stored_rows WHERE {MALFORMED} IS NULL")
        self._view("failed_rules", self._of_each_row(), persist=True)
        if keeps:
            self.count_duplicates()
            duplicates = _columns([], ["row", "first_row"])
        else:
            duplicates = self._find_duplicates()
            left = "SELECT row FROM duplicates"
            self._view("unrepeated_rows", f"SELECT * FROM sound_rows LEFT ANTI JOIN ({left}) USING (row)")
            self._compared = "unrepeated_rows"
        every = "SELECT * FROM failed_rules" + "".join(f" UNION ALL {each}" for each in self._among_rows())
        self._view("all_failed", every, persist=True)
        counts = sql("SELECT rule, count(*) AS n FROM all_failed GROUP BY rule").collect()
        return (
            sorted((int(each["rule"]), int(each["n"])) for each in counts),
            self._sorted("SELECT row, rule FROM all_failed", ["row", "rule"]),
            self._sorted(self._verdicts(), ["row", "bad"]),
            duplicates,
        )

    def _of_each_row(self) -> str:
        rules = [f"CASE WHEN {predicate} THEN {rule} END" for rule, predicate in self._plan["predicates"]]
        found = f"SELECT row, explode(array_compact(array({', '.join(rules)}))) AS rule FROM stored_rows"
        listed = f"SELECT row, explode({FAILED}) AS rule FROM stored_rows WHERE {MALFORMED} IS NULL"
        return f"{found} UNION ALL {listed}"

    def _among_rows(self) -> Iterator[str]:
        """Yield queries of the rows whose values another row has too."""
        for each in self._plan["repeats"]:
            names = _names(each["columns"])
            there = " AND ".join(f"{_name(name)} IS NOT NULL" for name in each["columns"])
            counted = f"SELECT *, count(*) OVER (PARTITION BY {names}) AS times FROM {self._compared} WHERE {there}"
            yield f"SELECT row, {each['rule']} AS rule FROM ({counted}) WHERE times > 1 AND NOT ({each['unless']})"
        if "rule" in self._plan["duplicates"]:
            yield f"SELECT row, {self._plan['duplicates']['rule']} AS rule FROM duplicates"

    def count_duplicates(self) -> None:
        """Count the rows that equal an earlier row. Missing values are equal."""
        values = _names(self._plan["duplicates"]["columns"])
        found = self._session.sql(f"SELECT count(*) - count(DISTINCT struct({values})) AS n FROM sound_rows")
        self.duplicates = int(found.first()["n"])

    def _find_duplicates(self) -> Columns:
        blocking = ", ".join(map(str, self._plan["duplicates"]["blocking"])) or "-1"
        failed = f"SELECT row FROM failed_rules WHERE rule IN ({blocking})"
        values = _names(self._plan["duplicates"]["columns"])
        rows = f"SELECT * FROM sound_rows LEFT ANTI JOIN ({failed}) USING (row)"
        first = f"SELECT row, min(row) OVER (PARTITION BY {values}) AS first_row FROM ({rows})"
        self._view("duplicates", f"SELECT row, first_row FROM ({first}) WHERE row > first_row", persist=True)
        found = self._sorted("SELECT * FROM duplicates", ["row", "first_row"])
        self.duplicates = len(found["row"])
        return found

    def _verdicts(self) -> str:
        blocking = ", ".join(map(str, self._plan["blocking"])) or "-1"
        either = ", ".join(map(str, [*self._plan["blocking"], *self._plan["excused"]])) or "-1"
        bad = f"max(CASE WHEN rule IN ({blocking}) THEN 1 ELSE 0 END) AS bad"
        return f"SELECT row, {bad} FROM all_failed WHERE rule IN ({either}) GROUP BY row"

    def _view(self, name: str, query: str, *, persist: bool = False) -> None:
        found = self._session.sql(query)
        (found.persist() if persist else found).createOrReplaceTempView(name)

    def _sorted(self, query: str, names: list[str]) -> Columns:
        return _columns(self._session.sql(f"{query} ORDER BY {', '.join(names)}").toPandas(), names)


def _columns(frame: Any, names: Sequence[str]) -> Columns:
    return {name: np.asarray(frame[name] if len(frame) else [], dtype="int64") for name in names}


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(_name, names))
