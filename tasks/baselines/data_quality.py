"""The constraints of the data quality monitor (Amazon SageMaker Developer Guide, "Schema for Constraints")."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.use_case import UseCase
from tabular.columns import Column
from tasks.baselines.documents import Document
from tasks.baselines.mapped import Mapped, compared

TYPES = {"Integral": ("integer",), "Fractional": ("number",), "String": ("category", "text", "date", "datetime")}
"""The column types of each inferred type. The first is proposed."""
SHOWN = 6
"""The most categories that a key shows."""
OF_A_FEATURE = {"name", "inferred_type", "completeness", "num_constraints", "string_constraints"}
OVERRIDES = ("monitoringConfigOverrides", "monitoring_config_overrides")
OF_DOCUMENT = {"version", "features", "monitoring_config"}


def data_quality_checks(use_case: UseCase, document: Document) -> Iterator[Mapped]:
    """Yield each check of a constraints.json. What the document has beyond the schema is yielded as not mapped."""
    for feature in document["features"]:
        yield from _of_feature(use_case, feature)
    yield from _of_config(use_case, document.get("monitoring_config", {}))
    yield from unknown("", document, OF_DOCUMENT)


def unknown(place: str, found: Mapping[str, Any], known: set[str]) -> Iterator[Mapped]:
    """Yield the keys that the schema does not have."""
    for name in sorted(found.keys() - known):
        yield Mapped(
            f"{name}{place}", shown(found[name]), "not mapped", note="the schema of AWS does not have this key"
        )


def shown(value: Any) -> str:
    """A value of a document as a short text."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _of_feature(use_case: UseCase, feature: Mapping[str, Any]) -> Iterator[Mapped]:
    name = str(feature["name"])
    column = use_case.columns.get(name) or _by_header(use_case, name)
    place = f" of {name}"
    if column is None:
        known = sorted(feature.keys() - {"name"})
        yield Mapped(f"{', '.join(known)}{place}", "", "not mapped", note="the use case has no column of this name")
        return
    if "inferred_type" in feature:
        yield _type(column, place, str(feature["inferred_type"]))
    if "completeness" in feature:
        yield _completeness(column, place, float(feature["completeness"]))
    numbers, texts = feature.get("num_constraints") or {}, feature.get("string_constraints") or {}
    if "is_non_negative" in numbers:
        yield _non_negative(column, place, wanted=bool(numbers["is_non_negative"]))
    if "domains" in texts:
        yield _domains(column, place, [str(each) for each in texts["domains"]])
    yield from unknown(f" in num_constraints{place}", numbers, {"is_non_negative"})
    yield from unknown(f" in string_constraints{place}", texts, {"domains"})
    for override in OVERRIDES:
        if feature.get(override):
            note = "the thresholds of `monitoring` are for all features of a use case"
            yield Mapped(f"{override}{place}", shown(feature[override]), "not mapped", note=note)
    yield from unknown(place, feature, {*OF_A_FEATURE, *OVERRIDES})


def _by_header(use_case: UseCase, name: str) -> Column | None:
    return next((each for each in use_case.columns.values() if each.header == name), None)


def _type(column: Column, place: str, inferred: str) -> Mapped:
    kinds = TYPES.get(inferred)
    if kinds is None:
        note = f"every cell is checked to be {column.expected}"
        return Mapped(f"inferred_type{place}", inferred, "always", f"columns.{column.name}.type: {column.type}", note)
    fits = column.type in kinds or (inferred == "Integral" and column.type in ("number", "category"))
    kind = column.type if fits else kinds[0]
    key = f"columns.{column.name}.type: {kind}"
    return compared(f"inferred_type{place}", inferred, key, same=fits, there=True, now=column.type)


def _completeness(column: Column, place: str, share: float) -> Mapped:
    check, found = f"completeness{place}", f"{share:g}"
    if share >= 1:
        key = f"columns.{column.name}.nullable: false"
        return compared(check, found, key, same=not column.nullable, there=True, now="nullable: true")
    key = f"columns.{column.name}.nullable: true"
    if not column.nullable:
        return Mapped(check, found, "has it", key, "the use case is stricter: a row without a value is refused")
    return Mapped(check, found, "has it", key, "more missing values than in the training rows are found as drift")


def _non_negative(column: Column, place: str, *, wanted: bool) -> Mapped:
    check, key = f"is_non_negative{place}", f"columns.{column.name}.minimum: 0"
    if not wanted:
        return Mapped(check, "false", "always", note="the baseline has negative values: nothing is checked")
    least = column.minimum
    if column.type not in ("integer", "number"):
        return Mapped(check, "true", "has it", note=f"the column is a {column.type}, so only its own values are valid")
    same = isinstance(least, int | float) and least >= 0
    return compared(check, "true", key, same=same, there=least is not None, now=f"minimum: {least}")


def _domains(column: Column, place: str, domains: list[str]) -> Mapped:
    check, found = f"domains{place}", shown(domains)
    if column.type != "category":
        return Mapped(
            check, found, "differs", f"columns.{column.name}.type: category", f"the use case has {column.type}"
        )
    key = f"columns.{column.name}.categories: [{', '.join(domains[:SHOWN])}{', …' if len(domains) > SHOWN else ''}]"
    if not column.categories:
        return Mapped(check, found, "to add", key, "without it, new categories are found as drift only")
    more, fewer = sorted(set(domains) - {*column.categories}), sorted({*column.categories} - set(domains))
    if not more and not fewer:
        return Mapped(check, found, "has it", key)
    differing = [f"without {shown(more)}"] * bool(more) + [f"also {shown(fewer)}"] * bool(fewer)
    return Mapped(check, found, "differs", key, f"the use case has categories {'; '.join(differing)}")


def _of_config(use_case: UseCase, config: Mapping[str, Any]) -> Iterator[Mapped]:
    for name, value in config.items():
        if name == "distribution_constraints":
            yield from _of_distribution(use_case, value)
        else:
            yield _option(use_case, name, value)


def _option(use_case: UseCase, name: str, value: Any) -> Mapped:
    limits, found = use_case.monitoring, shown(value)
    match name:
        case "evaluate_constraints":
            note = "rows are checked by `validate` and by the endpoint; a bad row is refused with its reasons"
            return Mapped(name, found, "always", note=note)
        case "emit_metrics":
            wanted = value == "Enabled"
            key = f"monitoring.feature_metrics: {str(wanted).lower()}"
            now = f"feature_metrics: {str(limits.feature_metrics).lower()}"
            return compared(name, found, key, same=limits.feature_metrics == wanted, there=True, now=now)
        case "datatype_check_threshold":
            share = use_case.quality.maximum_quarantined_share
            most = round(1 - float(value), 6)  # the threshold is the share of values that have the type
            key, now = f"quality.maximum_quarantined_share: {most:g}", f"maximum_quarantined_share: {share:g}"
            return compared(name, found, key, same=share <= most, there=True, now=now)
        case "domain_content_threshold":
            note = "a value outside of `categories` is refused; without them, new categories are tested for chance"
            return Mapped(name, found, "always", note=note)
        case _:
            return Mapped(name, found, "not mapped", note="the schema of AWS does not have this key")


def _of_distribution(use_case: UseCase, options: Mapping[str, Any]) -> Iterator[Mapped]:
    limits = use_case.monitoring
    measured = (
        f"psi_drift is {limits.psi_drift:g}: the population stability index above chance, not a distance of cumulative "
        "distributions (which is shown as Kolmogorov-Smirnov). No value corresponds; keep 0.25"
    )
    notes = {
        "perform_comparison": "drift is tested for each feature and for the predictions",
        "comparison_method": "each test takes the numbers of rows into account, and is corrected for their number",
        "categorical_drift_method": "categories are tested by chi-square, single values and new ones exactly",
    }
    for name, value in options.items():
        if name in ("comparison_threshold", "categorical_comparison_threshold"):
            yield Mapped(name, shown(value), "has it", "monitoring.psi_warning, monitoring.psi_drift", measured)
        elif name in notes:
            yield Mapped(name, shown(value), "always", note=notes[name])
        else:
            yield from unknown(" in distribution_constraints", {name: value}, set())
