import pandas as pd

from tasks.split import positions, with_target
from tests.use_cases import load_use_case, small_use_case

SHARES = {"validation": 0.2, "test": 0.2}


def frame(count: int = 300) -> pd.DataFrame:
    numbers = range(count)
    return pd.DataFrame(
        {
            "id": range(1, count + 1),
            "age": [10 + number * 7 % 20 for number in numbers],
            "colour": "red",
            "origin": "here",
            "passed": [["no", "no", "yes"][number % 3] for number in numbers],
        }
    )


def test_every_row_falls_on_exactly_one_side() -> None:
    for split in (
        {"by": "random", "seed": 1, **SHARES},
        {"by": "group", "column": "age", "seed": 1, **SHARES},
        {"by": "time", "column": "age", **SHARES},
    ):
        train, validation, test = positions(small_use_case(split=split), frame())
        assert sorted([*train, *validation, *test]) == list(range(300))
        assert min(len(train), len(validation), len(test)) > 20


def test_a_random_split_has_the_classes_in_equal_shares_and_is_the_same_again() -> None:
    case = small_use_case()
    parts = positions(case, frame())
    assert parts == positions(case, frame())
    for rows in parts:
        assert abs((frame()["passed"].iloc[rows] == "yes").mean() - 1 / 3) < 0.02


def test_no_group_is_on_two_sides() -> None:
    case = small_use_case(split={"by": "group", "column": "age", "seed": 1, **SHARES})
    train, validation, test = ({*frame()["age"].iloc[rows]} for rows in positions(case, frame()))
    assert not train & validation
    assert not train & test
    assert not validation & test


def test_a_time_split_never_trains_on_what_came_later() -> None:
    case = small_use_case(split={"by": "time", "column": "age", **SHARES})
    train, validation, test = (frame()["age"].iloc[rows] for rows in positions(case, frame()))
    assert train.max() < validation.min()
    assert validation.max() < test.min()


def test_a_rule_makes_the_target() -> None:
    case = load_use_case("student_enrollment")
    rows = pd.DataFrame({"educ": pd.array([12, 13], dtype="Int64")})
    assert with_target(case, rows)["goes_to_college"].tolist() == ["stays_out", "goes_on"]
