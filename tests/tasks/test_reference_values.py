"""The values that checks compare with, of a file or of another use case."""

from pathlib import Path
from typing import Any

import pytest

from config.errors import MissingInput, SourceError
from config.use_case import UseCase
from tasks.reference_values import reference_digests, reference_values
from tests.use_cases import small_use_case


def referring(**reference: Any) -> UseCase:
    return small_use_case(
        quality={"minimum_rows": 1, "maximum_quarantined_share": 0.5, "references": [{"columns": ["id"], **reference}]}
    )


def test_values_of_a_file_have_the_columns_type(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("number,name\n007,a\n8,b\n8,c\n,d\n")
    found = reference_values(referring(file=str(people), other_columns=["number"]))
    assert found[0].to_pydict() == {"0": [7, 8, 8, None]}


def test_other_values_have_another_digest(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    case = referring(file=str(people))
    people.write_text("id\n1\n2\n")
    before = reference_digests(case)
    assert reference_digests(case) == before
    people.write_text("id\n1\n3\n")
    assert reference_digests(case) != before


def test_a_file_without_the_column_is_refused(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("number\n1\n")
    with pytest.raises(SourceError, match=r"expected the columns id of quality.references; found no id"):
        reference_values(referring(file=str(people)))


def test_a_use_case_without_a_version_is_named(bucket: str) -> None:
    with pytest.raises(MissingInput, match="nowhere_yet: expected the output of ingest; found none"):
        reference_digests(referring(use_case="nowhere_yet"))
