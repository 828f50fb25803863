import pytest
from botocore.exceptions import ClientError

from tasks import clients, storage


def test_a_version_exists_only_once_its_manifest_does(bucket: str) -> None:
    folder = f"s3://{bucket}/storage/versions"
    storage.put(f"{folder}/half/data.parquet", b"written by a run that was killed")
    storage.publish(f"{folder}/whole", {"data.parquet": b"rows"}, {"rows": 1})
    assert storage.versions(folder) == ["whole"]
    assert storage.find_manifest(f"{folder}/half") is None


def test_publishing_again_leaves_the_version_as_it_is(bucket: str) -> None:
    folder = f"s3://{bucket}/storage/again"
    storage.publish(folder, {"data": b"first"}, {"time": 1})
    assert storage.publish(folder, {"data": b"second"}, {"time": 2}) == {"time": 1}
    assert storage.get(f"{folder}/data") == b"first"


def test_a_run_that_dies_between_objects_leaves_no_version_and_the_next_one_completes_it(bucket: str) -> None:
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


def test_the_client_is_the_offline_clouds(bucket: str) -> None:
    assert clients.s3().meta.endpoint_url.startswith("http://127.0.0.1:")
    with pytest.raises(ClientError):
        clients.s3().head_bucket(Bucket="not-made")
