"""What speaks against a retraining now: one in progress, debounce, cool-down and daily limit. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from config.retraining import Retraining
from tasks.retraining.record import RetrainingRecord

DAY = timedelta(hours=24)
CLOCKS_DIFFER = timedelta(hours=1)
"""The most by which the clocks of two machines may differ."""


def refusal(policy: Retraining, history: Sequence[RetrainingRecord], now: datetime) -> str | None:
    """Return why the policy refuses a retraining at `now`, or None. `history` has the oldest record first.

    Debounce counts every record. Cool-down and daily limit count those that trained, or failed. A record of a time to
    come, of a machine whose clock was ahead, counts for nothing.
    """
    history = [each for each in history if each.started <= now + CLOCKS_DIFFER]
    if not history:
        return None
    last, trained = history[-1], [each for each in history if each.counts]
    if now - last.started < (debounce := timedelta(minutes=policy.debounce_minutes)):
        until = last.started + debounce
        return f"an event {_ago(now - last.started)} ago started one already (debounce_minutes, until {_time(until)})"
    if trained and (until := trained[-1].started + timedelta(hours=policy.cool_down_hours)) > now:
        return f"the last one started {_ago(now - trained[-1].started)} ago (cool_down_hours, until {_time(until)})"
    today = [each for each in trained if each.started > now - DAY]
    if len(today) >= policy.at_most_per_day:
        return f"{len(today)} have started within 24 hours (at_most_per_day, until {_time(today[0].started + DAY)})"
    return None


def _ago(span: timedelta) -> str:
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes == 1:
        return "1 minute"
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
