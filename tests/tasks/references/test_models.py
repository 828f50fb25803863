from datetime import UTC, datetime

from tasks.references.models import Champion, TrainedModels
from tests.references import a_model, a_split


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


def test_the_refit_of_the_winner_is_the_final_model() -> None:
    own = (a_model(candidate="a", job_name="one"), a_model(candidate="b", job_name="two"))
    refit = a_model(candidate="b", job_name="three", refit_of="two")
    trained = TrainedModels(use_case="small_one", split_digest="s", models=(*own, refit), winner="b")
    assert (trained.candidates, trained.refitted, trained.final) == (own, refit, refit)
    assert trained.headline == "3 models in 3.0 s of training: a, b; b wins and is refitted"
    without = TrainedModels(use_case="small_one", split_digest="s", models=own, winner="b")
    assert (without.refitted, without.final) == (None, own[1])
    earlier = TrainedModels.model_validate({"use_case": "small_one", "split_digest": "s", "models": own})
    assert earlier.final is None, "the record of a version that chose the winner when it evaluated"
