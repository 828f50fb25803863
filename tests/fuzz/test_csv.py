from tests.fuzz.csv_variants import KINDS, run


def test_a_file_is_read_to_its_exact_values_or_what_is_broken_is_named() -> None:
    outcome = run(count=5 * len(KINDS))
    assert not outcome.failures, "\n".join(outcome.failures)
    assert outcome.total == 5 * len(KINDS)


def test_there_are_forty_kinds_or_more() -> None:
    assert len(KINDS) >= 40
