"""What the names of columns suggest."""

import pytest

from config.name_words import found_word, name_words, sensitive_kind, words_of


@pytest.mark.parametrize("name", ["Date of birth", "date_of_birth", "dateOfBirth", "DATE-OF-BIRTH"])
def test_a_name_has_the_same_words_however_it_is_written(name: str) -> None:
    assert words_of(name) == ["date", "of", "birth"]


def test_accents_and_digits_do_not_hide_a_word() -> None:
    assert words_of("Género1") == ["genero", "1"]
    assert words_of("Straße") == ["strasse"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Nacionality", "origin"),
        ("Gender", "gender"),
        ("Marital status", "family"),
        ("Educational special needs", "health"),
        ("Geburtsdatum", "a date of birth"),
        ("Código Postal", "a place of a person"),
        ("e-mail", "a way to reach a person"),
        ("monthly_income", "money of a person"),
        ("First Name", "a person's name"),
    ],
)
def test_personal_data_is_found_by_name_in_several_languages(name: str, kind: str) -> None:
    found = sensitive_kind(name)
    assert found is not None
    assert found[0].kind == kind


@pytest.mark.parametrize("name", ["filename", "school_name", "essex", "traceability", "addressed", "Course"])
def test_a_word_inside_another_word_is_not_found(name: str) -> None:
    assert sensitive_kind(name) is None


def test_a_whole_name_is_not_part_of_a_longer_one() -> None:
    assert found_word("name", ["=name"]) == "name"
    assert found_word("course name", ["=name"]) is None


def test_every_word_is_written_as_names_are_compared() -> None:
    words = name_words()
    every = [word for kind in words.sensitive for word in kind.words]
    every += [*words.codes, *words.identifiers, *words.groups, *words.times]
    assert [word for word in every if " ".join(words_of(word)) != word.removeprefix("=")] == []
