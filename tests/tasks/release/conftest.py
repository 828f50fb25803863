"""A use case on instances with a served version, and what makes its next versions."""

from collections.abc import Callable, Iterator

import pandas as pd
import pytest

from config.use_case import UseCase
from tasks import champion, clients, storage
from tasks.deploy import deploy
from tasks.model_contract import contract
from tasks.platform import platform
from tasks.references import Release
from tasks.sagemaker.endpoints import find_endpoint
from tests.tasks.release.clients import marked
from tests.tasks.releases import new_evaluation, new_model, new_split, new_use_case, of_split, take_steps

ROWS = 12

NewVersion = Callable[..., Release]


def new_version(case: UseCase, body: bytes) -> Release:
    """Register a model that becomes champion, with held-out rows and a contract."""
    now, split = champion.read(case), new_split(case)
    rows = pd.DataFrame({"age": [15] * ROWS, "colour": ["red", None] * (ROWS // 2)})
    storage.put(f"{split.test_uri}/data.parquet", storage.parquet(rows))
    storage.put(f"{split.contract_uri}/contract.json", contract(case).json().encode())
    model = new_model(case, split, body)
    value = 0.7 + (now.version if now else 0) / 100
    return take_steps(case, split, of_split(split, model), new_evaluation(case, model, value, now, beaten=0.65))


def releasing(case: UseCase, **release: object) -> UseCase:
    """The use case with these rules of its releases."""
    return case.model_validate(case.model_dump() | {"release": release})


@pytest.fixture(scope="module")
def case(bucket: str) -> Iterator[UseCase]:
    """Version 1 is served. Each test continues with the present deployment."""
    case = new_use_case(hosting={"kind": "instances"})
    deploy.fn(case, new_version(case, marked(0.01)))
    yield case
    name = platform().endpoint(case.name)
    if find_endpoint(name):
        clients.sagemaker().delete_endpoint(EndpointName=name)
