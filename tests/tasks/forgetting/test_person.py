"""Which rows are a person's, by the key."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import ConfigError
from tasks import storage
from tasks.forgetting.person import Person, person_of
from tasks.forgetting.rows import matching, rewrite
from tasks.model_contract import TEXT, UNREAD
from tests.use_cases import small_use_case


def chosen(person: Person, **columns: Any) -> list[bool]:
    return list(person.mask(pa.RecordBatch.from_pydict(columns)))


def test_a_row_is_found_by_its_key_in_any_type() -> None:
    person = person_of(small_use_case(), ["007", "9"])
    assert person.keys == (("7",), ("9",))
    assert chosen(person, id=[7, 8, None, 9]) == [True, False, False, True]
    assert chosen(person, id=["7", "77", "07", "x"]) == [True, False, False, False]
    assert chosen(person, other=[7, 8]) == [False, False]


def test_a_key_of_several_columns_is_written_as_for_predictions() -> None:
    columns = {
        "id": {"type": "integer", "minimum": 1},
        "course": {"type": "category"},
        "age": {"type": "integer", "minimum": 10, "maximum": 30},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    case = small_use_case(columns=columns, key=["id", "course"], features=["age"])
    person = person_of(case, ["7|a%7Cb"])
    assert person.keys == (("7", "a|b"),)
    assert chosen(person, id=[7, 7, 8], course=["a|b", "a", "a|b"]) == [True, False, False]
    with pytest.raises(ConfigError, match=r"expected id \| course, joined by `\|`; found 1 value"):
        person_of(case, ["7"])


def test_malformed_and_unread_rows_are_found_by_a_whole_cell() -> None:
    person = person_of(small_use_case(), ["7019"])
    texts = ["7019,12,red,x,y", '{"id": 7019, "age"', "17019,1", "1,70190", None]
    assert chosen(person, **{TEXT: texts}) == [True, True, False, False, False]
    quoted = Person(("name",), (('Zoë "Z"',),))
    texts = ['1,"Zoë ""Z""",x', '{"name": "Zo\\u00eb \\"Z\\""}', '{"name": "Zoë \\"Z\\""}', '1,Zoë "Zx"']
    assert chosen(quoted, **{TEXT: texts}) == [True, True, True, False]
    unread = ['{"id": "7019 "}', '{"id": "70"}', '{"age": "7019"}', ""]
    assert chosen(person, id=[None] * 4, **{UNREAD: unread, TEXT: [None] * 4}) == [True, False, False, False]


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"key": []}, "7", "key: expected the columns that identify a person's rows"),
        ({}, "x", "expected an integer"),
        ({}, "1_0", "expected an integer"),
    ],
)
def test_a_key_that_can_not_be_one_is_refused(changes: dict[str, object], key: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        person_of(small_use_case(**changes), [key])
    assert key not in str(refused.value).split()


def test_a_digest_needs_the_secret_of_the_use_case(bucket: str) -> None:
    one, other = "forget_secret_one", "forget_secret_other"
    person = person_of(small_use_case(), ["7"])
    assert person.digests(one) == person.digests(one) != person.digests(other)
    assert len(person.digests(one)[0]) == 32


def test_an_object_is_written_without_the_rows_and_keeps_its_schema(bucket: str) -> None:
    uri = f"s3://{bucket}/small_one/rows.parquet"
    storage.put(uri, storage.parquet(pd.DataFrame({"id": pd.array([7, None, 8], "Int64"), "age": [1.5, 2.5, 3.5]})))
    person = person_of(small_use_case(), ["7"])
    found = matching(uri, person.mask)
    assert found is not None
    assert found.to_pylist() == [{"id": 7, "age": 1.5}]
    removed = rewrite(uri, person.mask)
    left = storage.get_parquet(uri)
    assert (removed.removed, removed.left, left.dtypes["id"]) == (1, 2, "Int64")
    assert matching(uri, person.mask) is None
    assert rewrite(uri, person.mask).removed == 0
