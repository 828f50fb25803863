from tasks.references.serving import FeatureDrift


def test_a_psi_that_may_be_chance_is_shown_as_such() -> None:
    chance = FeatureDrift(feature="x", psi=0.366, p_value=0.3, verdict="stable")
    moved = FeatureDrift(feature="x", psi=0.7, p_value=0.001, significant=True, verdict="drift")
    assert (chance.shown, moved.shown) == ("PSI 0.366 (may be chance)", "PSI 0.700")


def test_a_record_of_an_older_version_is_read() -> None:
    old = FeatureDrift.model_validate({"feature": "x", "psi": 0.3, "noise": 0.1, "verdict": "drift"})
    assert (old.shown, old.tested, old.moved) == ("PSI 0.300", "", ())
