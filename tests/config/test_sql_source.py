"""The keys of `kind: sql` and `kind: joined`."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from config.errors import ConfigError
from config.sources import JoinedSource, SqlSource
from config.use_case import load_use_case
from tests.use_cases import content

FILE = {"kind": "location", "location": "a.csv"}


def sql(**keys: Any) -> SqlSource:
    return SqlSource.model_validate({"kind": "sql", "connection": "postgresql://me@db/school", "table": "t", **keys})


def test_a_connection_has_no_password_but_may_have_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISHWAOPS_TEST_PASSWORD", "hunter2")
    with pytest.raises(ValidationError, match="expected no password, because this file is shared; found one"):
        sql(connection="postgresql://me:hunter2@db/school")
    source = sql(connection="postgresql://me:${VISHWAOPS_TEST_PASSWORD}@db/school")
    assert source.address() == "postgresql://me:hunter2@db/school"
    assert source.shown(source.address()) == "postgresql://db/school table t"
    assert sql(connection=None, secret="rds").shown("") == "secret rds table t"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"query": "SELECT 1"}, "expected either `table` or `query`, found both"),
        ({"table": None}, "expected either `table` or `query`, found neither"),
        ({"connection": None}, "expected `connection`, or a `secret` with the host"),
        ({"lag": 5}, "lag: expected `watermark` too"),
        ({"lag": -1, "watermark": "at"}, "greater than or equal to 0"),
        (
            {"timezone": "Berlin", "watermark": "at"},
            "expected a time zone such as UTC or Europe/Berlin",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        sql(**keys)


@pytest.mark.parametrize(
    ("join", "message"),
    [
        ({"source": {"kind": "location"}}, "expected a `location`"),
        ({"source": {**FILE, "header": "none"}}, "expected `header` to list the names"),
        ({"source": {"kind": "sql", "connection": "sqlite:///x", "table": "t", "watermark": "at"}}, "is read whole"),
        ({"aggregate": {"n": {"function": "mean"}}}, "of: expected the column that mean is of, found none"),
        ({"aggregate": {"n": {"function": "count"}}, "prefix": "x"}, "expected neither `columns` nor `prefix`"),
        ({"on": ["id", "id"]}, "expected each name once, found id again"),
        ({"on": []}, "at least 1"),
    ],
)
def test_joins_that_can_t_be_read_are_refused(join: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        JoinedSource.model_validate({"kind": "joined", "base": FILE, "joins": [{"source": FILE, "on": ["id"], **join}]})


def test_parts_of_a_join_may_have_variables_in_their_addresses_only(tmp_path: Path) -> None:
    path = tmp_path / "my_case.yaml"
    part = {"kind": "sql", "connection": "postgresql://me:${PASSWORD}@db/x", "table": "t"}
    source = {"kind": "joined", "base": {"kind": "location", "location": "${FOLDER}/a.csv"},
              "joins": [{"source": part, "on": ["id"]}]}  # fmt: skip
    path.write_text(yaml.safe_dump({**content("student_grades"), "name": "my_case", "source": source}))
    assert load_use_case(str(path)).source == JoinedSource.model_validate(source)
    part["table"] = "${TABLE}"
    path = tmp_path / "other_case.yaml"
    path.write_text(yaml.safe_dump({**content("student_grades"), "name": "other_case", "source": source}))
    with pytest.raises(ConfigError, match=r"source.joins.0.source.table: expected no environment variable"):
        load_use_case(str(path))
