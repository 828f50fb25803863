import pytest

from tasks import temporary_files
from tasks.temporary_files import temporary_file


@pytest.mark.parametrize("size", [0, 10, 1000])
def test_what_is_written_is_read_again_in_memory_and_on_disk(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary_files, "IN_MEMORY_BYTES", 100)
    content = bytes(range(250)) * (size // 250 + 1)
    with temporary_file() as file:
        file.write(content[:size])
        file.seek(0)
        assert file.read() == content[:size]
        file.seek(size // 2)
        assert file.read() == content[size // 2 : size]


def test_a_closed_file_is_gone() -> None:
    file = temporary_file()
    file.write(b"x")
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.read()
