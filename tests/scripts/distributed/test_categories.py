"""What a pipeline learns from a column of categories does not depend on who has which rows."""

import pyarrow as pa
import pytest

from tabular.collective import ALONE
from tabular.distributed.categories import CategorySummary, summarize
from tabular.features import CONSTANT, EMPTY
from tests.scripts.distributed.threads import on_ranks

BATCHES = [pa.array(["b", None, "a"]), pa.array(["b"]), pa.array([None, "c"], pa.string())]


def test_several_ranks_count_what_one_counts() -> None:
    alone = summarize(ALONE, BATCHES)
    assert (list(alone.counts.items()), alone.missing) == ([("a", 1), ("b", 2), ("c", 1)], 2)
    parts = [BATCHES[2:], BATCHES[:1], BATCHES[1:2]]
    assert on_ranks(parts, summarize) == [alone] * 3


@pytest.mark.parametrize(
    ("counts", "missing", "unusable"),
    [({}, 3, EMPTY), ({"a": 2}, 0, CONSTANT), ({"a": 2}, 1, None), ({"a": 1, "b": 1}, 0, None)],
)
def test_a_column_of_one_value_has_no_information(counts: dict[str, int], missing: int, unusable: str | None) -> None:
    assert CategorySummary(counts, missing).unusable == unusable
