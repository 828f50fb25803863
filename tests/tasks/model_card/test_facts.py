"""What a card knows about the data of its version."""

from tasks import storage
from tasks.model_card.facts import missing_shares
from tests.references import a_split
from tests.tasks.model_card.cards import facts, split_with_rows
from tests.tasks.releases import new_use_case
from tests.use_cases import small_use_case


def test_columns_that_are_no_features_have_the_reason_why() -> None:
    case = small_use_case(known_only_afterwards=["height"])
    known = facts(case, split=a_split(unused_features={"colour": "constant"}))
    assert known.left_out == {
        "id": "identifies the row",
        "origin": "sensitive",
        "passed": "the target, or part of it",
        "height": "known only afterwards",
        "colour": "constant in the training rows",
    }


def test_missing_shares_are_those_of_all_training_rows_and_of_features_only(bucket: str) -> None:
    case = new_use_case()
    split = split_with_rows(case)
    assert missing_shares(case, split) == {"colour": 0.25}
    assert storage.get_tail(f"{split.train_uri}/part-0.parquet", 4) == b"PAR1"
