import pytest

from config.errors import SourceError
from config.sources import LocationSource
from tasks.sources import open_source
from tests.source_rows import of

ADDRESS = "http://127.0.0.1:9/rows.csv?key=${VISHWAOPS_TEST_SECRET}"


def test_the_secret_of_an_address_is_neither_registered_nor_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISHWAOPS_TEST_SECRET", "hunter2")
    source = LocationSource(kind="location", location=ADDRESS)
    for location in (None, source.address()):
        opened = open_source(source, location, "small_one")
        assert opened.describe() == "http://127.0.0.1:9/rows.csv?..."
        assert "hunter2" not in repr(opened)
        with pytest.raises(SourceError, match=r"^http://127\.0\.0\.1:9/rows\.csv\?\.\.\.: ") as refused:
            of(source, location)
        assert "hunter2" not in str(refused.value)
