import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from config.errors import AccessDenied, Unreachable
from offline_cloud import Cloud
from tasks import clients, storage
from tasks.connection import is_transient
from tests.aws_answers import answering, flows_use
from tests.faulty_cloud import at_calls, faulty_cloud
from tests.refusals import S3_DENIES, refused


def test_a_version_exists_only_once_its_manifest_does(bucket: str) -> None:
    folder = f"s3://{bucket}/storage/versions"
    storage.put(f"{folder}/half/data.parquet", b"written by a run that was killed")
    storage.publish(f"{folder}/whole", {"data.parquet": b"rows"}, {"rows": 1})
    assert storage.versions(folder) == ["whole"]
    assert storage.find_manifest(f"{folder}/half") is None


def test_publishing_again_does_not_change_the_version(bucket: str) -> None:
    folder = f"s3://{bucket}/storage/again"
    storage.publish(folder, {"data": b"first"}, {"time": 1})
    assert storage.publish(folder, {"data": b"second"}, {"time": 2}) == {"time": 1}
    assert storage.get(f"{folder}/data") == b"first"


def test_publishing_again_restores_an_object_that_somebody_has_deleted(bucket: str) -> None:
    folder = f"s3://{bucket}/storage/restored"
    storage.publish(folder, {"a": b"1", "b": b"2"}, {"rows": 1})
    clients.s3().delete_object(Bucket=bucket, Key="storage/restored/a")
    storage.publish(folder, {"a": b"1", "b": b"other"}, {"rows": 2})
    assert (storage.get(f"{folder}/a"), storage.get(f"{folder}/b")) == (b"1", b"2")


def test_a_run_killed_between_objects_publishes_no_version_and_the_next_run_completes_it(bucket: str) -> None:
    folder = f"s3://{bucket}/storage/dies"

    class Dies(dict[str, bytes]):
        def items(self):  # type: ignore[no-untyped-def]
            yield "a", b"1"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.publish(folder, Dies(), {"rows": 1})
    assert storage.find_manifest(folder) is None
    storage.publish(folder, {"a": b"1", "b": b"2"}, {"rows": 1})
    assert storage.get(f"{folder}/b") == b"2"


def test_an_object_that_is_not_there_is_a_missing_file(bucket: str) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        storage.get(f"s3://{bucket}/storage/nothing")


def test_an_object_that_s3_denies_because_it_does_not_exist_is_a_missing_file(bucket: str) -> None:
    storage.put(f"s3://{bucket}/storage/denied.json.copy", b"another")
    denied = refused(clients.s3(), "s3.GetObject", 403, S3_DENIES)
    with denied, pytest.raises(FileNotFoundError, match=r"denied\.json"):
        storage.get(f"s3://{bucket}/storage/denied.json")


def test_an_object_that_the_role_may_not_read_is_no_missing_file(bucket: str) -> None:
    storage.put(f"s3://{bucket}/storage/secret.json", b"there")
    denied = refused(clients.s3(), "s3.GetObject", 403, S3_DENIES)
    with denied, pytest.raises(AccessDenied, match="AWS denies s3:GetObject on s3://"):
        storage.get(f"s3://{bucket}/storage/secret.json")


def test_a_copy_continues_after_a_lost_connection(cloud: Cloud, bucket: str) -> None:
    uri, content = f"s3://{bucket}/storage/long", bytes(range(250)) * 40
    storage.put(uri, content)
    with faulty_cloud(cloud.environment) as faulty:
        faulty.faults = at_calls("cut", ["GetObject long"], times=2)
        with storage.opened(uri) as file:
            assert file.read() == content
        assert len(faulty.hit) == 2


def test_a_copy_of_an_object_that_changes_meanwhile_is_given_up(cloud: Cloud, bucket: str) -> None:
    uri = f"s3://{bucket}/storage/changing"
    storage.put(uri, b"old" * 999)
    with faulty_cloud(cloud.environment) as faulty:
        faulty.faults = at_calls("cut", ["GetObject changing"])
        with pytest.raises(storage.Changed):
            storage.copy(uri, io.BytesIO(), lambda copied, size: storage.put(uri, b"new" * 999))


@pytest.mark.parametrize("read", [storage.get, storage.get_with_age])
def test_a_connection_that_is_lost_within_an_object_may_be_tried_again(
    cloud: Cloud, bucket: str, read: Callable[[str], object]
) -> None:
    uri = f"s3://{bucket}/storage/cut"
    storage.put(uri, b"0123456789" * 100)
    with faulty_cloud(cloud.environment) as faulty:
        faulty.faults = at_calls("cut", ["GetObject cut"])
        with pytest.raises(Unreachable, match=f"{uri}: .*run the command again") as lost:
            read(uri)
        assert is_transient(lost.value)
        assert read(uri)


def test_an_object_behind_an_empty_page_is_found(bucket: str) -> None:
    empty = "<IsTruncated>true</IsTruncated><KeyCount>0</KeyCount><NextContinuationToken>t</NextContinuationToken>"
    full = "<IsTruncated>false</IsTruncated><KeyCount>1</KeyCount><Contents><Key>k</Key></Contents>"
    pages = [(200, f"<ListBucketResult>{page}</ListBucketResult>".encode()) for page in (empty, full)]
    with answering(*pages) as fake, flows_use("S3", fake.url):
        assert storage.exists("s3://bucket/k")


def test_a_listing_begins_after_a_name_and_folders_are_listed_once_each(bucket: str) -> None:
    folder = f"s3://{bucket}/listed"
    for name in ("a/2026/1", "a/2027/1", "a/2027/2", "b/1", "c"):
        storage.put(f"{folder}/{name}", b"")
    assert [item.name for item in storage.listed(f"{folder}/a", "2026/1")] == ["2027/1", "2027/2"]
    assert len(list(storage.listed(folder))) == 5
    assert list(storage.folders(folder)) == ["a", "b"]


def test_the_client_is_the_offline_clouds(bucket: str) -> None:
    assert clients.s3().meta.endpoint_url.startswith("http://127.0.0.1:")
    with pytest.raises(ClientError):
        clients.s3().head_bucket(Bucket="not-made")


def test_a_conditional_write_is_refused_once_another_has_written(bucket: str) -> None:
    uri = f"s3://{bucket}/storage/conditional"
    storage.put_if(uri, b"first", None)
    with pytest.raises(storage.Changed):
        storage.put_if(uri, b"of one who has seen nothing", None)
    body, version = storage.get_version(uri)
    assert body == b"first"
    storage.put_if(uri, b"second", version)
    with pytest.raises(storage.Changed, match="storage/conditional: expected an unchanged object; another process"):
        storage.put_if(uri, b"of one who has seen the first", version)
    assert storage.get(uri) == b"second"


def test_a_conditional_write_does_not_create_an_object_that_was_deleted_meanwhile(bucket: str) -> None:
    uri = f"s3://{bucket}/storage/deleted"
    storage.put(uri, b"first")
    _, version = storage.get_version(uri)
    clients.s3().delete_object(Bucket=bucket, Key="storage/deleted")
    with pytest.raises(storage.Changed):
        storage.put_if(uri, b"second", version)


def test_a_conditional_write_to_a_bucket_that_is_gone_is_no_lost_race(bucket: str) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        storage.put_if("s3://no-such-bucket/key", b"first", None)


def test_of_many_conditional_writes_at_once_one_is_done(bucket: str) -> None:
    uri = f"s3://{bucket}/storage/at_once"

    def write(number: int) -> bool:
        try:
            storage.put_if(uri, b"%d" % number, None)
        except storage.Changed:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        written = list(threads.map(write, range(8)))
    assert written.count(True) == 1
    assert storage.get(uri) == b"%d" % written.index(True)
