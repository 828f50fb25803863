import pytest
from sklearn.base import clone

from tabular.threads import use_one_thread
from tests.scripts.models import ALGORITHMS, small_model


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_step_of_a_pipeline_gets_one_thread(algorithm: str) -> None:
    pipeline = clone(small_model(algorithm).pipeline)
    threads = [name for name in pipeline.get_params() if name.rpartition("__")[2] == "n_jobs"]
    pipeline.set_params(**dict.fromkeys(threads, 2))

    use_one_thread(pipeline)

    assert threads
    assert {pipeline.get_params()[name] for name in threads} == {1}
