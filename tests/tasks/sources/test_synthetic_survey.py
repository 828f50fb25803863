from tasks.sources import open_source
from tests.source_rows import gathered, of
from tests.use_cases import load_use_case

SURVEY = load_use_case("cake_popularity").source


def test_the_survey_is_the_same_each_time() -> None:
    assert of(SURVEY) == of(SURVEY)


def test_another_seed_is_another_survey_with_another_fingerprint() -> None:
    first, second = (open_source(SURVEY.model_copy(update={"seed": seed}), None, "case") for seed in (1, 2))
    assert first.fingerprint() != second.fingerprint()
    assert gathered(first) != gathered(second)
