import re
from datetime import UTC, datetime

from tasks.landing.statistics import Bar, ColumnStatistics
from tasks.landing.versions import Version
from tasks.pages.data import data_page
from tests.use_cases import small_use_case

VERSION = Version(
    digest="0123456789abcdef", snapshot=1, parent=None, source="rows.csv", rows=3, malformed=0,
    forgotten=0, left_digest=None, added_rows=3,
    at=datetime(2026, 1, 1, tzinfo=UTC), left_out=("extra",), run=None, code="c", position=None, tags=("good",),
    current=True,
)  # fmt: skip


def test_the_page_has_every_column_escaped_and_needs_no_other_file() -> None:
    columns = [
        ColumnStatistics("colour", "text", 3, 0, 2, histogram=(Bar("<b>red</b>", 2), Bar("green", 1))),
        ColumnStatistics("origin", "text", 3, 0, 2, sensitive=True),
        ColumnStatistics("age", "integer", 3, 3, 0),
    ]
    html = data_page(small_use_case(), VERSION, 2000, columns)
    assert "&lt;b&gt;red&lt;/b&gt;" in html
    assert "width:50.0%" in html
    assert "The values of this column are sensitive and not shown." in html
    assert "Every value is null." in html
    assert "Columns of the source that are not read: extra." in html
    assert not re.search(r"<script|<link|src=|https?://", html)
