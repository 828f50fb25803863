"""The way back to an earlier version, while a client calls 50 times a second."""

import json

import pytest

from config.errors import GateError, MissingInput
from config.use_case import UseCase
from flows.rollback import rollback
from tasks import audit, champion, clients, run_records, storage
from tasks.deploy import deploy
from tasks.platform import platform
from tasks.references import Deployment, Release
from tasks.release import outcome
from tasks.sagemaker import registry
from tests.flows.conftest import Command
from tests.patience import until
from tests.tasks.release.clients import A_SECOND, BAD_FOR_ONE, marked
from tests.tasks.release.conftest import case, new_version
from tests.tasks.release.test_releases import called, champion_of, changed_at, served
from tests.tasks.releases import new_evaluation, new_model, new_split, of_split, take_steps

__all__ = ["case"]


def test_a_rollback_fails_no_request_and_the_next_lifecycle_does_not_undo_it(case: UseCase) -> None:
    now, split = champion.read(case), new_split(case)
    model = new_model(case, split, marked(0.02))
    evaluation = new_evaluation(case, model, 0.8, now, beaten=0.65)
    release = take_steps(case, split, of_split(split, model), evaluation)
    deploy.fn(case, release)
    assert served(case) == 2

    with called(case) as calls:
        done = rollback(case, None, "rolled back by a test")
        until(lambda: set(calls.marks[-A_SECOND:]) == {0.01})
    assert set(calls.counts) == {0.01, 0.02}
    assert (done.changed, served(case), champion_of(case)) == (True, 1, 1)
    assert run_records.latest_of(case.name, "deploy", Deployment) == done
    last = json.loads(audit.log_of(case.name).read().entries[-1])
    assert (last["action"], last["facts"]["version"], last["facts"]["reason"]) == (
        "rollback", "1", "rolled back by a test",
    )  # fmt: skip

    actions = [json.loads(entry)["action"] for entry in audit.log_of(case.name).read().entries]
    assert actions[-2:] == ["champion", "rollback"]

    again = take_steps(case, split, of_split(split, model), evaluation)
    assert again.reasons[0].startswith("not promoted: version 2 was champion before; the champion is now version 1")
    assert not deploy.fn(case, again).changed
    assert served(case) == 1
    outcome.save(case.name, 2, "released")  # as if the rollback was killed before it stored its outcome
    assert rollback(case, None, "again").changed is False
    last = outcome.find_last(case.name)
    assert last
    assert (last.version, last.outcome, champion_of(case)) == (1, "released", 1)
    assert rollback(case, 1, "again").changed is False


def test_a_version_that_fails_its_test_is_not_rolled_back_to(case: UseCase, command: Command) -> None:
    broken = approved(case, marked(0.09, BAD_FOR_ONE))
    endpoint, history = platform().endpoint(case.name), champion.read(case)
    before = changed_at(endpoint)
    with pytest.raises(GateError, match=rf"(?s)version {broken.version}: contract test: .*No client has called it"):
        rollback(case, broken.version, "a test")
    with pytest.raises(GateError, match="expected an earlier champion to return to, found version 1, the first"):
        rollback(case, None, "a test")
    with pytest.raises(GateError, match="found 99"):
        rollback(case, 99, "a test")
    bucket, key = storage.address(registry.model_uri(registry.describe_package(broken.model_package_arn)))
    clients.s3().delete_object(Bucket=bucket, Key=key)
    with pytest.raises(MissingInput, match=rf"the model of version {broken.version} at s3://.*, found none"):
        rollback(case, broken.version, "a test")
    assert (changed_at(endpoint), champion.read(case)) == (before, history)


def approved(case: UseCase, body: bytes) -> Release:
    """A version that may be deployed and was never champion: it was compared with another champion."""
    now = champion.read(case)
    assert now
    split = new_split(case)
    source = new_version(case, body)
    registry.set_by_person(source.model_package_arn, "Approved", f"a test of {split.digest}")
    champion.move(case, now.version, "back")
    return source
