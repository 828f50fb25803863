"""What a guess writes."""

from tasks.first_use_case.guess import Guess
from tests.tasks.first_use_case.guesses import facts


def test_the_facts_count_each_text_without_empty_ones() -> None:
    found = facts("x", ["b", " a", "", "a ", "b", "b"])
    assert dict(zip(found.texts.to_pylist(), found.counts.tolist(), strict=True)) == {"b": 3, "a": 2}
    assert (found.rows, found.stated, found.distinct) == (6, 5, 2)


def test_only_what_differs_from_the_defaults_is_written() -> None:
    plain = Guess(facts=facts("x", ["1"]), type="integer")
    assert plain.written() == {"type": "integer"}
    full = Guess(facts=facts("x", ["1"]), type="integer", minimum=0, nullable=True, missing=("?",), sensitive=True)
    assert full.written() == {"type": "integer", "minimum": 0, "missing": ["?"], "nullable": True, "sensitive": True}
