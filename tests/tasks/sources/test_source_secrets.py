import pytest

from config.errors import SourceError
from config.sources import LocationSource
from tasks.sources import describe, read_rows

ADDRESS = "http://127.0.0.1:9/rows.csv?key=${VISHWAOPS_TEST_SECRET}"


def test_the_secret_of_an_address_is_neither_registered_nor_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISHWAOPS_TEST_SECRET", "hunter2")
    source = LocationSource(kind="location", location=ADDRESS)
    assert describe(source, None) == describe(source, source.address()) == "http://127.0.0.1:9/rows.csv?..."
    for location in (None, source.address()):
        with pytest.raises(SourceError, match=r"^http://127\.0\.0\.1:9/rows\.csv\?\.\.\.: ") as refused:
            read_rows(source, location, "small_one")
        assert "hunter2" not in str(refused.value)
