"""Writes `config/hyperparameters.json` from the estimators' own classes: `python -m config.hyperparameter_table`."""

import inspect
import json
import math
import typing
from collections.abc import Iterator
from typing import Any

from config.hyperparameters import LEFT_OUT, PATH, estimator_key
from tabular.pipelines import ESTIMATORS, WEIGHTED_BY_ROW

FormContent = dict[str, Any]

XGBOOST: dict[str, FormContent] = {
    "booster": {"enum": ["gbtree", "gblinear", "dart"]},
    "colsample_bylevel": {"exclusive_minimum": 0, "maximum": 1},
    "colsample_bynode": {"exclusive_minimum": 0, "maximum": 1},
    "colsample_bytree": {"exclusive_minimum": 0, "maximum": 1},
    "device": {"enum": ["cpu"]},
    "early_stopping_rounds": {"minimum": 1},
    "gamma": {"minimum": 0},
    "grow_policy": {"enum": ["depthwise", "lossguide"]},
    "importance_type": {"enum": ["cover", "gain", "total_cover", "total_gain", "weight"]},
    "learning_rate": {"minimum": 0},
    "max_bin": {"minimum": 2},
    "max_cat_threshold": {"minimum": 1},
    "max_cat_to_onehot": {"minimum": 1},
    "max_delta_step": {"minimum": 0},
    "max_depth": {"minimum": 0},
    "max_leaves": {"minimum": 0},
    "min_child_weight": {"minimum": 0},
    "multi_strategy": {"enum": ["multi_output_tree", "one_output_per_tree"]},
    "n_estimators": {"minimum": 1},
    "num_parallel_tree": {"minimum": 1},
    "random_state": {"minimum": 0, "maximum": 2**31 - 1},
    "reg_alpha": {"minimum": 0},
    "reg_lambda": {"minimum": 0},
    "sampling_method": {"enum": ["uniform"]},
    "scale_pos_weight": {"exclusive_minimum": 0},
    "subsample": {"exclusive_minimum": 0, "maximum": 1},
    "tree_method": {"enum": ["approx", "auto", "exact", "hist"]},
    "verbosity": {"minimum": 0, "maximum": 3},
}
"""Ranges from XGBoost's page "XGBoost Parameters". XGBoost's classes do not contain them."""

OBJECTIVES = {
    True: ["binary:logistic"],
    False: [
        "count:poisson",
        "reg:absoluteerror",
        "reg:gamma",
        "reg:pseudohubererror",
        "reg:squarederror",
        "reg:squaredlogerror",
        "reg:tweedie",
    ],
}
"""XGBoost's objectives for two classes, which give probabilities, and for numbers. More classes have a default."""


def build() -> dict[str, dict[str, list[FormContent]]]:
    """Return the forms of every hyperparameter that a use case may set, by estimator."""
    return {
        estimator_key(algorithm, classes): {
            name: forms
            for name, forms in sorted(_parameters(algorithm, estimator, classes))
            if name not in LEFT_OUT and forms
        }
        for (algorithm, classes), estimator in ESTIMATORS.items()
    }


OWN: dict[tuple[str, str], list[FormContent]] = {
    ("neural_network", "hidden_layer_sizes"): [{"type": "integers", "minimum": 1}, {"type": "integer", "minimum": 1}],
    ("stack", "cv"): [{"type": "integer", "minimum": 2}],
}
"""The forms where scikit-learn's constraints have arrays, or objects."""
CLASS_WEIGHTS: list[FormContent] = [
    {"type": "class weights"},
    {"type": "text", "enum": ["balanced"]},
    {"type": "null"},
]


def _parameters(algorithm: str, estimator: Any, classes: bool) -> Iterator[tuple[str, list[FormContent]]]:
    if algorithm in WEIGHTED_BY_ROW and classes:
        yield "class_weight", CLASS_WEIGHTS
    if algorithm == "xgboost":
        yield from _xgboost(estimator, classes)
        return
    for name, constraints in estimator._parameter_constraints.items():
        if name in inspect.signature(estimator).parameters:
            forms = [form for constraint in constraints if (form := _form(constraint))]
            yield name, OWN.get((algorithm, name), forms)


def _form(constraint: Any) -> FormContent | None:
    """The form of one of scikit-learn's parameter constraints; None for code, arrays and deprecated values."""
    if constraint is None:
        return {"type": "null"}
    if constraint is dict:
        return {"type": "class weights"}
    if constraint == "boolean":
        return {"type": "boolean"}
    if constraint == "verbose":
        return {"type": "integer", "minimum": 0}
    if constraint == "random_state":
        return {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
    kind = type(constraint).__name__
    if kind == "StrOptions":
        return {"type": "text", "enum": sorted(constraint.options - constraint.deprecated)}
    return _interval(constraint) if kind == "Interval" else None


def _interval(constraint: Any) -> FormContent:
    kinds = {"Integral": "integer", "Real": "number", "RealNotInt": "fraction"}
    form: FormContent = {"type": kinds[constraint.type.__name__]}
    bounds = {
        "minimum" if constraint.closed in ("left", "both") else "exclusive_minimum": constraint.left,
        "maximum" if constraint.closed in ("right", "both") else "exclusive_maximum": constraint.right,
    }
    return form | {name: bound for name, bound in bounds.items() if bound is not None and math.isfinite(bound)}


def _xgboost(estimator: Any, classes: bool) -> Iterator[tuple[str, list[FormContent]]]:
    from xgboost.sklearn import XGBModel

    hints = typing.get_type_hints(XGBModel.__init__)
    for name in estimator().get_params():
        limits = {"enum": OBJECTIVES[classes]} if name == "objective" else XGBOOST.get(name, {})
        yield name, list(_typed(hints[name], limits))


def _typed(hint: Any, limits: FormContent) -> Iterator[FormContent]:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "text", type(None): "null"}
    for part in typing.get_args(hint) or (hint,):
        if (kind := kinds.get(part)) is not None:
            yield {"type": kind, **({} if kind in ("null", "boolean") else limits)}


def main() -> None:
    """Write the table."""
    PATH.write_text(json.dumps(build(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
