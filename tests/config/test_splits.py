from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from config.splits import GroupSplit, RandomSplit, Split, TimeSplit

READ: TypeAdapter[Split] = TypeAdapter(Split)
SHARES = {"validation": 0.2, "test": 0.2}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"by": "random", "seed": 1}, RandomSplit),
        ({"by": "group", "seed": 0, "column": "school"}, GroupSplit),
        ({"by": "time", "column": "year"}, TimeSplit),
    ],
)
def test_the_key_by_chooses_the_split(content: dict[str, Any], kind: type) -> None:
    assert isinstance(READ.validate_python({**content, **SHARES}), kind)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": -1}, {"seed": 2**32}, {"seed": True}, {"seed": 1.0}, {"validation": 0}, {"validation": 0.5},
        {"test": float("nan")}, {"test": "0.2"}, {"column": "age"}, {"by": "day"},
    ],
)  # fmt: skip
def test_what_no_split_can_have_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python({"by": "random", "seed": 1, **SHARES, **changes})


def test_a_split_by_time_has_no_seed() -> None:
    with pytest.raises(ValidationError, match="seed"):
        READ.validate_python({"by": "time", "column": "year", "seed": 1, **SHARES})
