"""An engine of SQLAlchemy on a connection of DuckDB."""

import duckdb
import sqlalchemy

from tasks.rows.sqlalchemy_engine import engine_of


def test_cursors_have_their_own_results() -> None:
    with duckdb.connect() as connection:
        raw = engine_of(connection).raw_connection()
        first, second = raw.cursor(), raw.cursor()
        first.execute("SELECT 1")
        second.execute("SELECT 2")
        assert (first.fetchone(), second.fetchone()) == ((1,), (2,))


def test_closing_the_engine_leaves_the_connection_open() -> None:
    with duckdb.connect() as connection:
        engine = engine_of(connection)
        with engine.connect() as opened:
            assert opened.execute(sqlalchemy.text("SELECT 3")).scalar() == 3
        engine.dispose()
        assert connection.execute("SELECT 4").fetchone() == (4,)
