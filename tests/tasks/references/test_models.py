from datetime import UTC, datetime

from tasks.references.models import Champion
from tests.references import a_split


def test_the_champion_s_headline_has_its_version_since_when_and_why() -> None:
    champion = Champion(
        use_case="small_one",
        model_package_arn="arn/3",
        version=3,
        model_uri="s3://bucket/model.tar.gz",
        split=a_split(),
        since=datetime(2026, 1, 31, 9, 5, tzinfo=UTC),
        reason="beats the champion",
    )
    assert champion.headline == "version 3 since 2026-01-31 09:05 UTC: beats the champion"
