"""Steps are retried, and their results are stored in S3 as JSON, which runs no code."""

import base64
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from prefect import flow
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore
from prefect.settings import PREFECT_RESULTS_PERSIST_BY_DEFAULT, PREFECT_TASKS_REFRESH_CACHE, temporary_settings

from config import profile
from config.errors import GateError, Unreachable
from config.use_case import UseCase
from tasks import locations, names, steps, storage
from tasks.references import DataSplit
from tasks.step_results import FLOW, ReferenceSerializer, Results, prepare_results
from tasks.steps import noting_steps, step
from tests.references import a_split
from tests.use_cases import small_use_case

THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "DescribeTrainingJob")
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeTrainingJob")


@pytest.fixture
def key(prefect: str) -> str:
    """A unique parameter of a step."""
    return names.stamp()


def leave_split(use_case: UseCase, key: str) -> DataSplit:
    folder = locations.split(use_case.name, key)
    storage.put(f"{folder}/train/data.parquet", b"rows")
    parts = ("train_uri", "validation_uri", "test_uri", "contract_uri")
    return a_split(digest=key, **dict.fromkeys(parts, f"{folder}/train"))


@step(cached=True)
def make_split(use_case: UseCase, key: str) -> DataSplit:
    """Return a split whose rows are in S3."""
    return leave_split(use_case, key)


@step(cached=True, varies_with=lambda use_case, place: Path(place).read_text() or None)
def read_place(use_case: UseCase, place: str) -> DataSplit:
    """Return a split that depends on a file."""
    return leave_split(use_case, "read")


def in_flow(*calls: Callable[[], Any]) -> tuple[list[Any], list[str]]:
    """Make the calls in one flow. Returns their results and the names of the steps that ran."""

    @flow
    def body() -> tuple[list[Any], list[str]]:
        prepare_results()
        with noting_steps() as steps:
            found = [call() for call in calls]
        return found, steps.ran

    return body()


def test_a_result_is_taken_from_an_earlier_run_with_the_same_inputs(key: str) -> None:
    case = small_use_case()
    (first,), ran = in_flow(lambda: make_split(case, key))
    assert ran == ["make_split"]
    assert in_flow(lambda: make_split(case, key)) == ([first], [])
    assert in_flow(lambda: make_split(case, f"{key}-other"))[1] == ["make_split"]
    assert in_flow(lambda: make_split(small_use_case(question="Another?"), key))[1] == ["make_split"]


def test_a_fresh_run_repeats_the_step_and_replaces_its_result(key: str) -> None:
    case = small_use_case()
    in_flow(lambda: make_split(case, key))
    with temporary_settings({PREFECT_TASKS_REFRESH_CACHE: True}):
        assert in_flow(lambda: make_split(case, key))[1] == ["make_split"]
    assert in_flow(lambda: make_split(case, key))[1] == []


def test_a_step_is_repeated_when_the_profile_names_another_image_for_its_jobs(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = small_use_case()
    in_flow(lambda: make_split(case, key))
    other = profile.active_profile().model_copy(update={"image": "another:1"})
    monkeypatch.setattr(steps, "active_profile", lambda: other)
    assert in_flow(lambda: make_split(case, key))[1] == ["make_split"]


def test_prefect_stores_no_pickle_of_a_flow_s_result_or_error(prefect: str, tmp_path: Path) -> None:
    LocalFileSystem(basepath=str(tmp_path)).save("errors", overwrite=True)

    @flow(result_storage="local-file-system/errors", **FLOW)
    def body(error: str) -> DataSplit:
        if error:
            raise GateError(error)
        return a_split()

    with temporary_settings({PREFECT_RESULTS_PERSIST_BY_DEFAULT: True}):
        body("")
        assert list(tmp_path.iterdir()) == []
        body("too few rows", return_state=True)
    assert [stored.read_bytes() for stored in tmp_path.iterdir()] == [b""]


def test_a_result_that_names_an_object_that_is_gone_is_not_used(key: str, bucket: str) -> None:
    from tasks import clients

    case = small_use_case()
    (left,), _ = in_flow(lambda: make_split(case, key))
    place, prefix = storage.address(left.train_uri)
    clients.s3().delete_object(Bucket=place, Key=f"{prefix}/data.parquet")
    assert in_flow(lambda: make_split(case, key))[1] == ["make_split"]


def test_what_else_a_step_depends_on_is_part_of_its_key_and_unknown_means_run(key: str, tmp_path: Path) -> None:
    case, place = small_use_case(), tmp_path / "place"
    place.write_text(key)
    assert in_flow(lambda: read_place(case, str(place)))[1] == ["read_place"]
    assert in_flow(lambda: read_place(case, str(place)))[1] == []
    place.write_text(f"{key} changed")
    assert in_flow(lambda: read_place(case, str(place)))[1] == ["read_place"]
    place.write_text("")
    assert in_flow(lambda: read_place(case, str(place)), lambda: read_place(case, str(place)))[1] == ["read_place"] * 2


class Opened:
    """Unpickling it writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_a_result_that_somebody_else_wrote_as_a_pickle_is_never_opened(key: str, tmp_path: Path) -> None:
    case = small_use_case()
    in_flow(lambda: make_split(case, key))
    (found,) = results("make-split-")[-1:]
    record = json.loads(storage.get(found))
    record["metadata"]["serializer"] = {"type": "pickle", "picklelib": "pickle", "pickle_version": None}
    record["result"] = base64.encodebytes(pickle.dumps(Opened(tmp_path / "opened"))).decode()
    for uri in results("make-split-"):
        storage.put(uri, json.dumps(record).encode())
    assert in_flow(lambda: make_split(case, key))[1] == ["make_split"]
    assert not (tmp_path / "opened").exists()


def results(prefix: str) -> list[str]:
    """The addresses of stored results whose key begins so."""
    from tasks import clients

    bucket, folder = storage.address(locations.result(f"small_one/results/{prefix}"))
    pages = clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
    return [f"s3://{bucket}/{item['Key']}" for page in pages for item in page.get("Contents", [])]


@pytest.mark.parametrize(
    ("error", "attempts"),
    [(Unreachable("gone"), 3), (THROTTLED, 3), (DENIED, 1), (GateError("too few rows"), 1)],
    ids=["no answer", "throttled", "denied", "gate"],
)
def test_only_a_fault_that_may_pass_is_retried(prefect: str, error: Exception, attempts: int) -> None:
    tried: list[int] = []

    @step(retry_delay_seconds=0)
    def fail() -> None:
        tried.append(1)
        raise error

    with pytest.raises(type(error)):
        in_flow(fail)
    assert len(tried) == attempts


def test_the_error_of_a_failed_step_is_not_stored(key: str) -> None:
    store = ResultStore(result_storage=Results(), serializer=ReferenceSerializer())
    Results().write_path(key, store.create_result_record(GateError("too few rows"), key=key).serialize())
    assert not storage.exists(locations.result(key))
    Results().write_path(key, store.create_result_record(a_split(), key=key).serialize())
    assert storage.exists(locations.result(key))


def test_a_stage_is_reused_where_each_of_its_cached_steps_is_and_it_has_one(key: str) -> None:
    case = small_use_case()

    @flow
    def stages() -> list[bool]:
        prepare_results()
        reused = []
        for calls in (1, 1, 0):
            with noting_steps() as steps:
                for _ in range(calls):
                    make_split.submit(case, key).result()
            reused.append(steps.reused)
        return reused

    assert stages() == [False, True, False]
