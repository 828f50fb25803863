"""PyIceberg's files in S3."""

import os

import pytest

from tasks import storage
from tasks.landing.s3_files import S3Files

FILES = S3Files()


def test_an_object_appears_when_it_is_complete_and_never_after_an_error(bucket: str) -> None:
    whole, failed = (f"s3://{bucket}/s3_files/{name}.avro" for name in ("whole", "failed"))
    with FILES.new_output(whole).create() as stream:
        stream.write(b"rows")
        assert not FILES.new_output(whole).exists()
    with pytest.raises(KeyError), FILES.new_output(failed).create() as stream:
        stream.write(b"half")
        raise KeyError
    assert storage.get(whole) == b"rows"
    assert not storage.exists(failed)


def test_an_object_is_replaced_only_when_it_may_be(bucket: str) -> None:
    output = FILES.new_output(f"s3://{bucket}/s3_files/metadata.json")
    with output.create() as stream:
        stream.write(b"first")
    with pytest.raises(FileExistsError, match="expected no object yet; found one"), output.create() as stream:
        stream.write(b"second")
    assert storage.get(output.location) == b"first"
    with output.create(overwrite=True) as stream:
        stream.write(b"third")
    assert (storage.get(output.location), len(output), len(output.to_input_file())) == (b"third", 5, 5)


@pytest.mark.parametrize("name", ["seek.parquet", "seek.avro"])
def test_an_object_is_read_from_any_place(bucket: str, name: str) -> None:
    content = bytes(range(256)) * 300
    location = f"s3://{bucket}/s3_files/{name}"
    storage.put(location, content)
    with FILES.new_input(location).open() as stream:
        stream.seek(-4, os.SEEK_END)
        assert (stream.tell(), stream.read(4), stream.read(1)) == (len(content) - 4, content[-4:], b"")
        stream.seek(70_000)
        stream.seek(5, os.SEEK_CUR)
        assert stream.read(10) == content[70_005:70_015]
        stream.seek(0)
        assert stream.read() == content


def test_an_object_is_deleted_by_its_address_or_its_file(bucket: str) -> None:
    names = [f"s3://{bucket}/s3_files/deleted-{number}" for number in range(2)]
    for name in names:
        storage.put(name, b"1")
    FILES.delete(names[0])
    FILES.delete(FILES.new_input(names[1]))
    assert not any(FILES.new_input(name).exists() for name in names)
