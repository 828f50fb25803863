"""The prediction intervals or sets of a request's rows, by the quantiles of the model's calibration."""

from serving.model import Model
from serving.predictions import Intervals, Predictions, Sets
from serving.rejected import bad_request
from tabular.calibration.conformal import bounds, sets


def intervals_of(model: Model, found: Predictions) -> Intervals | Sets:
    """Return the interval of each prediction, or its set of classes.

    Raises Rejected for a model without quantiles, and for one whose validation rows were too few for them.
    """
    conformal = model.calibration.conformal if model.calibration else None
    if not conformal:
        raise bad_request(
            "Accept: intervals: expected a model with prediction intervals or sets; found one without. Train it again "
            "with `prediction_sets` in the use case's `evaluation`"
        )
    if model.contract.classes:
        return Sets(conformal["coverage"], sets(conformal, found.output, found.best))
    if conformal["half_width"] is None:
        raise bad_request(
            f"Accept: intervals: expected a model with validation rows enough for a coverage of "
            f"{conformal['coverage']:g}; found one with too few. Train it again with more rows, or for a lower "
            "coverage in the use case's `evaluation.prediction_sets`"
        )
    return Intervals(conformal["coverage"], *bounds(conformal, found.output))
