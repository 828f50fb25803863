"""Rows and their answers."""

import numpy as np
import pyarrow as pa

from tasks.batch.answers import Answers
from tasks.batch.columns import named
from tasks.batch.joining import prediction_schema, predictions, separated
from tests.tasks.batch.conftest import COLUMNS
from tests.use_cases import small_use_case

CASE = small_use_case(columns=COLUMNS, features=["age", "hours", "origin"])
COLUMNS_OF_CASE = named(CASE, ["id", "age", "hours", "origin"])


def shard(**cells: list[object]) -> pa.RecordBatch:
    """Two rows of a shard, the second with bad values in two columns."""
    plain = {"input_row": [7, 8], "source_file": [None] * 2, "source_line": [9, 10], "id": [1, 2]}
    plain |= {"age": [15, 99], "hours": [1.5, 2.5], "origin": ["no", None], **cells}
    return pa.RecordBatch.from_pydict(plain, schema=COLUMNS_OF_CASE.shard)


def answers(reasons: dict[str, str]) -> Answers:
    """A prediction of the first row, and the reasons of the second one."""
    scores = pa.array([0.25, None])
    return Answers(pa.array(["no", None]), {"no": scores, "yes": scores}, np.array([False, True]), [reasons])


def test_a_refused_row_has_the_models_reasons_and_those_of_the_schema_for_other_columns() -> None:
    found = separated(COLUMNS_OF_CASE, shard(), answers({"age": "age: expected one that the model knows, found 99"}))
    assert found.refused.to_pylist() == [
        {
            "input_row": 8, "source_file": None, "source_line": 10, "id": "2", "age": "99", "hours": "2.5",
            "origin": None, "text": None,
            "reasons": [
                "age: expected one that the model knows, found 99",
                "origin: expected one of no, yes, found (hidden: sensitive)",
            ],
        }
    ]  # fmt: skip
    schema = prediction_schema(CASE, COLUMNS_OF_CASE)
    assert predictions(found, schema).to_pylist() == [
        {
            "input_row": 7, "id": 1, "age": 15, "hours": 1.5, "origin": "no", "prediction": "no",
            "probability_no": 0.25, "probability_yes": 0.25,
        }
    ]  # fmt: skip
