"""Documents as SageMaker Model Monitor and Clarify write them, by the schemas of the SageMaker Developer Guide."""

from collections.abc import Sequence
from typing import Any


def constraints(*features: dict[str, Any], **config: Any) -> dict[str, Any]:
    plain = {
        "evaluate_constraints": "Enabled", "emit_metrics": "Enabled", "datatype_check_threshold": 1.0,
        "domain_content_threshold": 1.0,
        "distribution_constraints": {"perform_comparison": "Enabled", "comparison_threshold": 0.1,
                                     "comparison_method": "Robust"},
    }  # fmt: skip
    return {"version": 0.0, "features": list(features), "monitoring_config": {**plain, **config}}


def number(name: str, levels: Sequence[Sequence[float]] | None, missing: int = 0, **changes: Any) -> dict[str, Any]:
    """The statistics of a feature whose KLL sketch has these levels; None for one without a sketch."""
    rows = [value for height, level in enumerate(levels or [[1.0, 3.0]]) for value in level for _ in range(2**height)]
    low, high = min(rows), max(rows)
    middle = (low + high) / 2
    kll: dict[str, Any] = {
        "buckets": [
            {"lower_bound": low, "upper_bound": middle, "count": float(sum(value < middle for value in rows))},
            {"lower_bound": middle, "upper_bound": high, "count": float(sum(value >= middle for value in rows))},
        ],
    }
    if levels is not None:
        kll["sketch"] = {"parameters": {"c": 0.64, "k": 2048.0}, "data": [list(level) for level in levels]}
    found = {
        "common": {"num_present": len(rows), "num_missing": missing}, "mean": sum(rows) / len(rows), "sum": sum(rows),
        "std_dev": 1.0, "min": low, "max": high, "distribution": {"kll": kll},
    }  # fmt: skip
    return {"name": name, "inferred_type": "Integral", "numerical_statistics": {**found, **changes}}


def text(name: str, missing: int = 0, unlisted: int = 0, **counts: int) -> dict[str, Any]:
    """The statistics of a feature of texts, of which the document lists these."""
    buckets = [{"value": value, "count": float(count)} for value, count in counts.items()]
    found = {
        "common": {"num_present": sum(counts.values()) + unlisted, "num_missing": missing},
        "distinct_count": float(len(counts) + bool(unlisted)),
        "distribution": {"categorical": {"buckets": buckets}},
    }
    return {"name": name, "inferred_type": "String", "string_statistics": found}


def statistics(*features: dict[str, Any], rows: int = 100) -> dict[str, Any]:
    return {"version": 0.0, "dataset": {"item_count": rows}, "features": list(features)}


def analysis(facet: str, **metrics: float | None) -> dict[str, Any]:
    """An analysis.json with these metrics of bias after training, and SHAP values."""
    found = [{"name": name, "description": name, "value": value} for name, value in metrics.items()]
    parts = [{"value_or_threshold": "there", "metrics": found}]
    before = [
        {"value_or_threshold": "there", "metrics": [{"name": "CI", "description": "Class Imbalance", "value": 0.3}]}
    ]
    return {
        "version": "1.0",
        "pre_training_bias_metrics": {"label": "passed", "facets": {facet: before}},
        "post_training_bias_metrics": {"label": "passed", "facets": {facet: parts}},
        "explanations": {"kernel_shap": {"label0": {"global_shap_values": {"age": 0.2, "height": 0.1}}}},
    }
