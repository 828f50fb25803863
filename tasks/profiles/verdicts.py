"""Verdicts on the drift of columns: a change counts when it is neither chance nor a trifle."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np

from config.monitoring import Monitoring
from tasks.profiles.drift import Comparison, compare
from tasks.profiles.statistics import holm
from tasks.profiles.stored_profiles import Profile
from tasks.references import FeatureDrift
from tasks.references.serving import FeatureVerdict

FALSE_ALARMS = 0.005
"""The share of the runs without drift in which chance may give any feature a warning or drift. The goal is 0.01."""
VERDICTS: tuple[FeatureVerdict, ...] = ("not judged", "stable", "warning", "drift")


def feature_drifts(limits: Monitoring, reference: Profile, scored: Profile) -> list[FeatureDrift]:
    """Return the drift of each feature of the reference, worst verdict and largest PSI first.

    A change is significant when its p-value, corrected for the number of tests of all features (Holm), is at most
    FALSE_ALARMS. A significant change is a warning from a PSI of `psi_warning`, and drift from one of `psi_drift`.
    """
    found = {name: compare(before, scored.columns[name]) for name, before in reference.columns.items()}
    drifts = judge(limits, found)
    return sorted(drifts, key=lambda drift: (VERDICTS.index(drift.verdict), drift.psi), reverse=True)


def worst_verdict(drifts: Sequence[FeatureDrift]) -> FeatureVerdict:
    """Return the worst verdict of the features; `stable` without any profiled feature."""
    return max((each.verdict for each in drifts), key=VERDICTS.index, default="stable")


def judge(limits: Monitoring, comparisons: Mapping[str, Comparison]) -> list[FeatureDrift]:
    """Return the verdict on each column."""
    corrected = holm(np.array([change.p_value for each in comparisons.values() for change in each.changes]))
    ends = accumulate(len(each.changes) for each in comparisons.values())
    return [
        _judged(limits, name, each, corrected[end - len(each.changes) : end])
        for (name, each), end in zip(comparisons.items(), ends, strict=True)
    ]


def _judged(limits: Monitoring, name: str, found: Comparison, p_values: np.ndarray) -> FeatureDrift:
    tested = list(zip(found.changes, p_values.tolist(), strict=True))
    moved = sorted((pair for pair in tested if pair[1] <= FALSE_ALARMS), key=lambda pair: (-pair[0].psi, pair[0].kind))
    by_kind = sorted(tested, key=lambda pair: pair[0].kind != "distribution")
    shown, p_value = next(iter(moved or by_kind), (None, None))
    verdict: FeatureVerdict = _verdict(limits, moved[0][0].psi if moved else 0.0)
    return FeatureDrift(
        feature=name,
        verdict="not judged" if verdict == "stable" and found.not_judged else verdict,
        significant=bool(moved),
        psi=shown.psi if shown else 0.0,
        p_value=p_value,
        change=shown.kind if shown else None,
        statistic=shown.statistic if shown else None,
        degrees=shown.degrees if shown else None,
        hellinger=found.hellinger,
        kolmogorov_smirnov=found.kolmogorov_smirnov,
        moved=tuple(dict.fromkeys(change.moved for change, _ in moved)),
        not_judged=found.not_judged,
    )


def _verdict(limits: Monitoring, psi: float) -> FeatureVerdict:
    if psi >= limits.psi_drift:
        return "drift"
    return "warning" if psi >= limits.psi_warning else "stable"
