"""A database of the run's PostgreSQL for each test file."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from adbc_driver_manager.dbapi import Connection

from tests.postgresql import READER, connected, run, url


@pytest.fixture(scope="session")
def database(postgresql: str) -> str:
    """The URL of an empty database, as its owner. Its times without a zone are Berlin's."""
    name = f"tests_{uuid4().hex[:12]}"
    with connected(url(postgresql, "postgres")) as made:
        run(made, f"CREATE DATABASE {name}", f"ALTER DATABASE {name} SET timezone = 'Europe/Berlin'")
    with connected(url(postgresql, name)) as made:
        run(made, f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {READER}")
    return url(postgresql, name)


@pytest.fixture
def owner(database: str) -> Iterator[Connection]:
    """A connection to the database, which commits each statement."""
    with connected(database) as made:
        yield made
