"""Ground truth: the true values of predictions, which come late and in parts.

`land(use_case, rows)` takes rows from a file or from a table in memory. `truths(use_case)` returns what is known.
`forget(use_case, identities)` removes a person.
"""

from tasks.ground_truth.forgetting import Forgotten, Identities, forget
from tasks.ground_truth.landing import land
from tasks.ground_truth.resolved import truths

__all__ = ["Forgotten", "Identities", "forget", "land", "truths"]
