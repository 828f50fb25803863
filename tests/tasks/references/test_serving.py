from tasks.references.serving import FeatureDrift


def test_a_psi_that_is_only_chance_is_shown_as_such() -> None:
    chance = FeatureDrift(feature="x", psi=0.366, noise=0.658, verdict="stable")
    moved = FeatureDrift(feature="x", psi=0.7, noise=0.658, verdict="drift")
    assert (chance.shown, moved.shown) == ("PSI 0.366 (chance alone gives up to 0.658)", "PSI 0.700")
