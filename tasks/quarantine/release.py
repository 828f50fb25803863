"""Releases corrections: replays the rows as a new dataset version."""

from config.use_case import UseCase
from tabular.expressions import Expression
from tasks import audit
from tasks.landing.replay import Replayed, replay
from tasks.quarantine.fix import pending
from tasks.quarantine.rows import Quarantine


def release(use_case: UseCase, quarantine: Quarantine | None = None, where: Expression | None = None) -> Replayed:
    """Release the corrections that wait, of all rows or of the selected ones of a quarantine.

    Returns the version with these rows corrected. Raises the errors of `replay`.
    """
    chosen = pending(use_case)
    if quarantine and where:
        keys = {row.key for row in quarantine.rows(where)}
        chosen = [each for each in chosen if each.key in keys]
    replayed = replay(use_case, chosen)
    if replayed.rows:
        facts = {"dataset_digest": replayed.version.digest, "rows": str(replayed.rows)}
        audit.append(use_case, "release-rows", facts)
    return replayed
