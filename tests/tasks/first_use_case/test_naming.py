"""The name of a use case after its file."""

import pytest

from config.errors import ConfigError
from tasks.first_use_case.naming import name_of


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("data/student-mat.csv", "student_mat"),
        ("s3://bucket/a/Häuser 2024.parquet", "hauser"),
        ("https://example.org/rows.csv.gz?token=x", "rows"),
        ("1_a-very-long-name-of-a-file-of-rows.csv", "a_very_long_name_of_a_fil"[:24]),
    ],
)
def test_a_use_case_is_named_after_its_file(address: str, name: str) -> None:
    assert name_of(address) == name


def test_a_file_without_letters_gives_no_name() -> None:
    with pytest.raises(ConfigError, match=r"--name: expected a name .* the file '2024' gives none"):
        name_of("2024.csv")
