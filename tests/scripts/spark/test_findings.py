from tabular.spark.checks import SHOWN
from tabular.spark.findings import Findings


class Session:
    """Keeps the queries that Spark would run. Spark itself runs them in tests/tasks/test_engines.py."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def sql(self, query: str) -> "Session":
        self.queries.append(query)
        return self

    def first(self) -> dict[str, int]:
        return {"n": SHOWN}


def test_names_of_columns_are_quoted_and_missing_values_count() -> None:
    session = Session()
    found = Findings({"duplicates": {"action": "keep", "columns": ['a"b', "c"]}}, session)
    found.count_duplicates()
    assert (session.queries, found.duplicates) == (
        ['SELECT count(*) - count(DISTINCT struct("a""b", "c")) AS n FROM sound_rows'],
        SHOWN,
    )
