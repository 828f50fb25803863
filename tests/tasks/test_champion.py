"""The pointer to the champion."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from config.errors import GateError, MissingInput, VishwaOpsError
from config.use_case import UseCase
from tasks import champion, clients, locations, storage
from tasks.platform import platform
from tasks.references import Champion, RegisteredModel
from tasks.sagemaker import registry
from tests.tasks.releases import new_evaluation, new_model, new_release, new_split, new_use_case, of_split, take_steps


@pytest.fixture
def case(bucket: str) -> UseCase:
    return new_use_case()


def current(case: UseCase) -> Champion:
    found = champion.read(case)
    assert found
    return found


def registered(found: Champion) -> RegisteredModel:
    return RegisteredModel.model_validate(found.model_dump(include=set(RegisteredModel.model_fields)))


def arns(case: UseCase) -> dict[int, str]:
    """The versions of a use case's model."""
    group = platform().model_package_group(case.name)
    return {package["ModelPackageVersion"]: package["ModelPackageArn"] for package in registry.newest_packages(group)}


def without_pointer(case: UseCase) -> None:
    """The state of an earlier version of VishwaOps, without a pointer."""
    bucket, key = storage.address(locations.champion(case.name))
    clients.s3().delete_object(Bucket=bucket, Key=key)
    for arn in arns(case).values():
        clients.sagemaker().update_model_package(
            ModelPackageArn=arn, CustomerMetadataPropertiesToRemove=[registry.EVALUATION, registry.DECISION]
        )


def test_there_is_no_champion_before_the_first_release(case: UseCase) -> None:
    assert champion.read(case) is None
    assert champion.find_champion.fn(case, new_model(case, new_split(case))) is None


def test_the_champion_names_its_model_its_split_and_the_one_before_it(case: UseCase) -> None:
    split = new_split(case)
    model = new_model(case, split)
    take_steps(case, split, of_split(split, model), new_evaluation(case, model, 0.8))
    first = current(case)
    assert (first.version, first.model_uri, first.split, first.history) == (1, model.model_uri, split, ())
    assert first.compared_with is None
    new_release(case, 0.9, first)
    second = current(case)
    assert (second.version, second.history) == (2, (first.model_package_arn,))
    assert second.compared_with == registered(first)


def test_a_model_is_compared_with_the_champion_and_the_champion_with_the_one_before_it(case: UseCase) -> None:
    new_release(case, 0.8)
    first, split = current(case), new_split(case)
    challenger = new_model(case, split)
    assert champion.find_champion.fn(case, challenger) == registered(first)
    take_steps(case, split, of_split(split, challenger), new_evaluation(case, challenger, 0.9, first))
    assert champion.find_champion.fn(case, challenger) == registered(first)


def test_a_rollback_survives_the_next_decision_about_the_same_model(case: UseCase) -> None:
    new_release(case, 0.8)
    first, split = current(case), new_split(case)
    model = new_model(case, split)
    evaluation = new_evaluation(case, model, 0.9, first)
    assert take_steps(case, split, of_split(split, model), evaluation).champion_arn != first.model_package_arn

    back = champion.move(case, 1, "version 2 answers too late")
    assert (back.version, back.reason) == (1, "version 2 answers too late")
    assert back.history == (first.model_package_arn, arns(case)[2])
    release = take_steps(case, split, of_split(split, model), evaluation)
    assert (release.version, release.approved, release.champion_arn) == (2, True, first.model_package_arn)
    assert release.reasons == (
        "not promoted: version 2 was champion before; the champion is now version 1 (version 2 answers too late). "
        f"To restore it: vishwaops champion --use-case {case.name} --set 2",
    )
    assert champion.move(case, 2, "mended").version == 2


def test_after_a_rollback_a_better_new_model_is_promoted(case: UseCase) -> None:
    new_release(case, 0.8)
    new_release(case, 0.85, current(case))
    champion.move(case, 1, "a rollback")
    release = new_release(case, 0.9, current(case))
    assert (release.version, release.reasons, current(case).version) == (3, (), 3)


def test_a_model_that_lost_by_a_rollback_does_not_come_back_as_a_new_version(case: UseCase) -> None:
    new_release(case, 0.8)
    split, job = new_split(case), f"{case.slug}-logistic-0123456789ab"
    trained = new_model(case, split)
    arn = trained.job_arn.rpartition("/")[0]
    first = trained.model_copy(update={"job_arn": f"{arn}/{job}"})
    take_steps(case, split, of_split(split, first), new_evaluation(case, first, 0.9, current(case)))
    champion.move(case, 1, "version 2 answers too late")
    again = new_model(case, split).model_copy(update={"job_arn": f"{arn}/{job}-2"})
    release = take_steps(case, split, of_split(split, again), new_evaluation(case, again, 0.9, current(case)))
    assert (release.version, release.approved, current(case).version) == (3, True, 1)
    assert release.reasons[0].startswith(
        "not promoted: it was trained from the same rows by the same code as version 2, which was champion before; the "
        "champion is now version 1 (version 2 answers too late). To make it champion: vishwaops champion"
    )


def test_a_model_that_was_compared_with_a_stale_champion_is_not_promoted(case: UseCase) -> None:
    new_release(case, 0.8)
    stale = current(case)
    new_release(case, 0.85, stale)
    release = new_release(case, 0.9, stale)
    assert (release.approved, release.champion_arn) == (True, arns(case)[2])
    assert release.reasons == (
        "not promoted: it was compared with version 1, and the champion is now version 2. Run the stages evaluate "
        "and register again",
    )


def test_two_first_releases_at_once_make_one_champion(case: UseCase) -> None:
    with ThreadPoolExecutor() as threads:
        releases = list(threads.map(lambda value: new_release(case, value), (0.8, 0.9)))
    promoted = [release for release in releases if not release.reasons]
    assert [release.model_package_arn for release in promoted] == [current(case).model_package_arn]
    assert current(case).history == ()


def test_a_platform_without_a_pointer_gets_one_at_its_newest_approved_package(
    case: UseCase, caplog: pytest.LogCaptureFixture
) -> None:
    new_release(case, 0.8)
    new_release(case, 0.9, current(case))
    new_release(case, 0.5, current(case))
    before = current(case)
    without_pointer(case)
    adopted = current(case)
    assert (adopted.version, adopted.split, adopted.history) == (2, before.split, ())
    assert current(case) == adopted
    assert caplog.text.count("champion is version 2, the newest approved one") == 1


def test_where_the_split_of_that_package_is_gone_it_is_named_with_what_to_do(case: UseCase) -> None:
    new_release(case, 0.8)
    bucket, key = storage.address(f"{locations.split(case.name, current(case).split.digest)}/{locations.MANIFEST}")
    without_pointer(case)
    clients.s3().delete_object(Bucket=bucket, Key=key)
    with pytest.raises(MissingInput, match=r"the split that version 1 was trained on in s3://.* or withdraw"):
        champion.read(case)


def test_a_version_that_does_not_exist_or_is_rejected_can_not_become_champion(case: UseCase) -> None:
    with pytest.raises(GateError, match=r"\(the newest: none\), found 1"):
        champion.move(case, 1, "a test")
    new_release(case, 0.8)
    new_release(case, 0.55, current(case))
    before = current(case)
    with pytest.raises(GateError, match=r"\(the newest: 2, 1\), found 3"):
        champion.move(case, 3, "a test")
    with pytest.raises(GateError, match=r"version 2, which is Rejected: roc_auc .*vishwaops approve .* --overrule"):
        champion.move(case, 2, "a test")
    assert current(case) == before


def test_a_rejected_version_that_was_champion_can_become_champion_again(case: UseCase) -> None:
    new_release(case, 0.8)
    new_release(case, 0.9, current(case))
    registry.set_status(arns(case)[1], "Rejected", "its time is over")
    assert champion.move(case, 1, "back for a day").version == 1


def test_a_move_that_expects_another_champion_changes_nothing(case: UseCase) -> None:
    new_release(case, 0.8)
    new_release(case, 0.9, current(case))
    new_release(case, 0.95, current(case))
    assert champion.move(case, 1, "an alarm", only_from=arns(case)[2]).version == 3
    assert current(case).version == 3


def rewritten(case: UseCase, **changes: Any) -> Champion:
    """The pointer as it is, with changes: as of a group that was deleted and made again, numbered from 1."""
    changed = current(case).model_copy(update=changes)
    storage.put(locations.champion(case.name), changed.model_dump_json().encode())
    return changed


def test_a_package_of_a_new_group_is_another_one_than_that_of_the_same_number_before(case: UseCase) -> None:
    arn, now = new_release(case, 0.8).model_package_arn, current(case)
    package, before = registry.describe_package(arn), rewritten(case, model_uri="s3://bucket/before/model.tar.gz")
    assert champion.promote(case, package, before.model_package_arn, "new") is None
    assert current(case).model_uri == now.model_uri

    earlier, seventh = package["CreationTime"] - timedelta(days=1), registry.sibling(arn, 7)
    rewritten(case, model_package_arn=seventh, version=7, model_uri=before.model_uri, history=(arn,), since=earlier)
    assert champion.promote(case, package, seventh, "new") is None
    assert current(case).version == 1


def test_the_champion_s_own_model_is_promoted_where_the_champion_s_package_is_gone(case: UseCase) -> None:
    arn = new_release(case, 0.8).model_package_arn
    gone = rewritten(case, model_package_arn=registry.sibling(arn, 9), version=9)
    assert champion.promote(case, registry.describe_package(arn), gone.model_package_arn, "again") is None
    assert current(case).model_package_arn == arn


def test_a_pointer_that_can_not_be_read_is_named_and_left(case: UseCase) -> None:
    new_release(case, 0.8)
    storage.put(locations.champion(case.name), b'{"version": 1}')
    with pytest.raises(VishwaOpsError, match=r"champion.json: expected the Champion that .*: Field required"):
        new_release(case, 0.9)
    assert storage.get(locations.champion(case.name)) == b'{"version": 1}'
