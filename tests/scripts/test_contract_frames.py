import numpy as np
import pandas as pd
import pytest

from tabular import contract_frames
from tabular.columns import Column
from tabular.contract import Contract
from tabular.derived import Derived

COLUMNS = (Column("won", "integer", nullable=True), Column("played", "number"), Column("note", "text", nullable=True))
TERMS = Contract(
    "small",
    "binary",
    "passed",
    ("no", "yes"),
    "f1",
    COLUMNS,
    1,
    derived=(Derived(name="rate", expression="won / played", type="number"),),
    used=("rate", "won", "note"),
)
ROWS = pd.DataFrame(
    {
        "won": pd.array([1, None], dtype="Int64"),
        "played": [2.0, 4.0],
        "note": ["a", None],
        "passed": ["yes", "no"],
    },
    index=[7, 3],
)


def test_inputs_are_the_used_columns_with_derived_ones() -> None:
    found = contract_frames.inputs(TERMS, ROWS)
    assert list(found) == ["rate", "won", "note"]
    assert found.index.tolist() == [7, 3]
    assert found.loc[7].tolist() == [0.5, 1.0, "a"]
    assert found["note"].tolist() == ["a", ""]
    assert np.isnan(found["rate"][3])
    assert contract_frames.values(TERMS, ROWS)["rate"].tolist()[0] == 0.5


@pytest.mark.parametrize(("task", "expected"), [("binary", [1, 0]), ("regression", [2.0, 4.0])])
def test_outputs_are_the_numbers_of_classes_or_the_target(task: str, expected: list[float]) -> None:
    target = "played" if task == "regression" else "passed"
    terms = Contract("small", task, target, TERMS.classes, "f1", COLUMNS, 1)
    assert contract_frames.outputs(terms, ROWS).tolist() == expected
