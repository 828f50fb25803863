"""The default serving functions of AWS's XGBoost image: rows become a DMatrix, which a Booster predicts.

Source: aws/sagemaker-xgboost-container `serving.py`.
"""

from __future__ import annotations

from typing import Any

from sagemaker_local.container.defaults import model_fn, output_fn

__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]


def input_fn(body: str | bytes, content_type: str) -> Any:
    """A DMatrix of a CSV or LIBSVM body."""
    from sagemaker_xgboost_container import encoder  # type: ignore[import-not-found]

    return encoder.decode(body, content_type)


def predict_fn(data: Any, model: Any) -> Any:
    return model.predict(data, validate_features=False)
