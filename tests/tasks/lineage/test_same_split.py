import pytest

from config.errors import GateError
from tasks.lineage.same_split import require_split
from tests.references import a_model, a_split
from tests.tasks.test_decision import evaluation


def test_a_model_or_an_evaluation_of_another_split_is_refused_with_what_to_do() -> None:
    judged = evaluation("roc_auc", 0.8, 0.5)
    require_split(a_split(), a_model(), judged)
    other = {"split_digest": "older"}
    with pytest.raises(GateError, match=r"the model of candidate a of split s, found split older\. .* Run the stages"):
        require_split(a_split(), judged, a_model(**other))
    with pytest.raises(GateError, match="the evaluation j of split s, found split older"):
        require_split(a_split(), judged.model_copy(update=other))
