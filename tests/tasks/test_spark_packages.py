import pytest

from config.errors import ConfigError
from tasks import spark_packages


def test_packages_that_were_not_built_are_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_packages, "NAMES", ("six",))
    with pytest.raises(ConfigError, match=r"expected the packages of `engine: spark`, found none.*make spark"):
        spark_packages.upload("student_grades")


def test_the_archive_is_that_of_the_locked_versions() -> None:
    locked = spark_packages._locked()
    assert {line.split("==")[0] for line in locked.splitlines() if "==" in line} == set(spark_packages.NAMES)
    assert locked.count("--hash=") > len(spark_packages.NAMES)
