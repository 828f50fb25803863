"""All columns of a sample."""

import pytest

from config.errors import SourceError
from tasks.first_use_case.columns import as_category, as_quantity, guess_columns
from tasks.sources.samples import Sample
from tests.tasks.first_use_case.guesses import guess, guesses


def test_missing_cells_make_a_column_nullable_and_are_counted() -> None:
    found = guess("age", ["15", "", "22", "NA"])
    assert (found.nullable, found.reasons) == (True, ["15..22", "2 of 4 missing"])


def test_a_header_that_is_no_name_is_kept() -> None:
    assert guess("Mothers job", ["a", "b"]).written()["header"] == "Mothers job"


def test_personal_data_is_sensitive_and_none_of_its_values_are_shown() -> None:
    found = guess("email", [f"person{number}@example.org" for number in range(30)])
    assert found.sensitive
    assert found.reasons == ["`email` in the name: a way to reach a person"]
    assert "categories" not in found.written()


def test_a_name_of_personal_data_with_few_values_is_only_to_check() -> None:
    found = guess("address", ["R", "U"] * 30)
    assert not found.sensitive
    assert found.to_check == ["named like a place of a person (`address`), but only 2 values: not sensitive"]


def test_a_number_that_names_rows_has_no_maximum_because_new_ones_are_larger() -> None:
    assert "maximum" not in guess("order id", [str(number) for number in range(50)]).written()
    assert guess("orders", [str(number) for number in range(50)]).maximum == 98


def test_a_code_becomes_a_quantity_and_back() -> None:
    found = guess("district", ["3", "90", "1000", "7000"] * 10)
    as_quantity(found, "why")
    assert (found.type, found.minimum, found.maximum, found.to_check) == ("integer", 0, 14_000, ["why"])
    assert found.values.sum() == 10 * 8093
    as_category(found, ["3", "90"])
    assert found.written() == {"type": "category", "categories": ["3", "90"]}


def test_a_file_without_rows_is_refused() -> None:
    with pytest.raises(SourceError, match=r"rows.csv: expected rows, found none"):
        guesses(a=[])
    with pytest.raises(SourceError, match="expected rows"):
        guess_columns(Sample((), "all 0 rows", whole=True), guess("a", ["1"]).facts.format, "rows.csv")
