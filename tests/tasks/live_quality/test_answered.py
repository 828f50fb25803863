import pyarrow as pa

from tasks.live_quality.answered import whole_answers
from tests.use_cases import small_use_case

NAN = float("nan")


def test_an_answer_is_whole_with_a_class_of_the_use_case_and_finite_probabilities() -> None:
    rows = pa.table({
        "prediction": ["yes", "no", "perhaps", None, "yes", "yes"],
        "probability_no": [0.2, 0.9, 0.5, 0.5, NAN, None],
        "probability_yes": [0.8, 0.1, 0.5, 0.5, 0.5, 0.5],
    })  # fmt: skip
    assert whole_answers(small_use_case(), rows).to_pylist() == [True, True, False, False, False, False]
