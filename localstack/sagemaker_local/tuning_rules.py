"""The rules of CreateHyperParameterTuningJob beyond the service model."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sagemaker_local import service_model
from sagemaker_local.errors import NotImplementedAction, ValidationException
from sagemaker_local.tuning_definitions import Definition, blocks_of, definitions_of
from sagemaker_local.tuning_ranges import CategoricalRange, combinations
from sagemaker_local.validation import check

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_MOST_PARAMETERS = 30
_MOST_EPOCHS = 20_000
_EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")
_ENDED = ("Completed", "Failed", "Stopped")


def check_request(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses a tuning job that can't run.

    Raises:
        ValidationException: AWS refuses it too.
        NotImplementedAction: SageMaker local lacks it.
    """
    if body.get("Autotune"):
        raise NotImplementedAction(
            "CreateHyperParameterTuningJob with Autotune is not implemented by SageMaker local yet."
        )
    _check_definition_blocks(body)
    definitions = definitions_of(body)
    for definition in definitions:
        _check_definition(engine, definition)
    _check_strategy(body["HyperParameterTuningJobConfig"], definitions)
    _check_limits(body["HyperParameterTuningJobConfig"], definitions)
    if "WarmStartConfig" in body:
        _check_warm_start(engine, body["WarmStartConfig"], definitions)


def hyperband_resource(config: dict[str, Any], definition: Definition) -> tuple[int, int | None]:
    """MinResource, and MaxResource as given or as inferred from the static hyperparameters."""
    given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    told = next((definition.static[name] for name in _EPOCHS if name in definition.static), "")
    most = given.get("MaxResource", int(told) if told.isdigit() else None)
    return given.get("MinResource", 1), most


def _check_definition_blocks(body: dict[str, Any]) -> None:
    config = body["HyperParameterTuningJobConfig"]
    if (body.get("TrainingJobDefinition") is None) == (not body.get("TrainingJobDefinitions")):
        raise ValidationException("Provide either TrainingJobDefinition or TrainingJobDefinitions, and not both.")
    several = body.get("TrainingJobDefinition") is None
    for block in blocks_of(body):
        if several and not (block.get("DefinitionName") and block.get("TuningObjective")):
            raise ValidationException("Each of TrainingJobDefinitions needs a DefinitionName and a TuningObjective.")
        if not (block.get("TuningObjective") or config.get("HyperParameterTuningJobObjective")):
            raise ValidationException("HyperParameterTuningJobObjective must be specified.")
    names = [block.get("DefinitionName") for block in blocks_of(body)]
    if len(set(names)) < len(names):
        raise ValidationException("DefinitionName must be unique among TrainingJobDefinitions.")


def _check_definition(engine: Engine, definition: Definition) -> None:
    if not definition.regex:
        raise ValidationException(
            "A metric is required for this hyperparameter tuning job objective. "
            "Provide a metric in the metric definitions."
        )
    names = [each.name for each in definition.ranges]
    if not names:
        raise ValidationException("ParameterRanges must hold at least one hyperparameter to tune.")
    if len(names) > _MOST_PARAMETERS:
        raise ValidationException(f"At most {_MOST_PARAMETERS} hyperparameters can be tuned; given: {len(names)}.")
    if len(set(names)) < len(names):
        raise ValidationException(f"Each hyperparameter can have one range only; given: {', '.join(names)}.")
    if both := sorted(set(names) & set(definition.static)):
        raise ValidationException(f"Hyperparameters [{', '.join(both)}] are both static and tunable. Choose one.")
    sample = copy.deepcopy(definition.training_request("sample", dict.fromkeys(names, "0")))
    check(sample, service_model.input_shape("CreateTrainingJob"))
    kind = engine.kinds["TrainingJob"]
    kind.prepare(engine, {**kind.defaults, **sample})


def _check_strategy(config: dict[str, Any], definitions: list[Definition]) -> None:
    hyperband = config["Strategy"] == "Hyperband"
    if config.get("StrategyConfig") and not hyperband:
        raise ValidationException("StrategyConfig should be provided only if Hyperband is selected as the Strategy.")
    if hyperband and config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise ValidationException("TrainingJobEarlyStoppingType must be OFF to use the Hyperband strategy.")
    for definition in definitions:
        least, most = hyperband_resource(config, definition)
        if hyperband and most is None:
            raise ValidationException(
                "MaxResource parameter is not provided and could not be inferred from provided static "
                "hyperparameters of TrainingJobDefinition."
            )
        if hyperband and not least <= (most or 0) <= _MOST_EPOCHS:
            raise ValidationException(f"MaxResource [{most}] must be between MinResource [{least}] and {_MOST_EPOCHS}.")
        if config["Strategy"] == "Grid" and not all(isinstance(each, CategoricalRange) for each in definition.ranges):
            raise ValidationException("Only categorical parameters are supported when using the Grid strategy.")


def _check_limits(config: dict[str, Any], definitions: list[Definition]) -> None:
    possible = sum(combinations(definition.ranges) for definition in definitions)
    limits = config["ResourceLimits"]
    most = limits.get("MaxNumberOfTrainingJobs")
    if config["Strategy"] == "Grid":
        if most not in (None, int(possible)):
            raise ValidationException(
                f"MaxNumberOfTrainingJobs [{most}] must equal the number of hyperparameter combinations "
                f"[{int(possible)}] when using the Grid strategy, or be left out."
            )
        limits["MaxNumberOfTrainingJobs"] = int(possible)
    elif most is None:
        if not ("MaxRuntimeInSeconds" in limits or config.get("TuningJobCompletionCriteria")):
            raise ValidationException(
                "Provide MaxNumberOfTrainingJobs or MaxRuntimeInSeconds in ResourceLimits, or "
                "TuningJobCompletionCriteria."
            )
    elif possible < most:
        raise ValidationException(
            "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter "
            f"combinations for the provided ranges [{possible}] must be equal or greater than the value of "
            f"MaxNumberOfJobs, [{most}]. Provide additional ranges."
        )


def _check_warm_start(engine: Engine, warm: dict[str, Any], definitions: list[Definition]) -> None:
    (first, *_) = definitions
    for item in warm["ParentHyperParameterTuningJobs"]:
        name = item.get("HyperParameterTuningJobName", "")
        parent = engine.require(engine.kinds["HyperParameterTuningJob"], name)
        if parent.status not in _ENDED:
            raise ValidationException(f"The parent tuning job [{name}] must have ended; it is {parent.status}.")
        theirs = definitions_of(parent.body)[0]
        if (theirs.metric, theirs.maximize) != (first.metric, first.maximize):
            raise ValidationException(
                f"The objective metric must be the same as of parent tuning job [{name}], which is [{theirs.metric}]."
            )
        if len(theirs.ranges) + len(theirs.static) != len(first.ranges) + len(first.static):
            raise ValidationException(
                "The total number of static plus tunable hyperparameters must be the same as in parent tuning job "
                f"[{name}]."
            )
        if warm["WarmStartType"] == "IdenticalDataAndAlgorithm":
            _check_identical(name, theirs.block, first.block)


def _check_identical(name: str, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    images = [block["AlgorithmSpecification"].get("TrainingImage") for block in (theirs, ours)]
    if images[0] != images[1] or theirs.get("InputDataConfig") != ours.get("InputDataConfig"):
        raise ValidationException(
            "With IdenticalDataAndAlgorithm the input data and the training image must be the same as in parent "
            f"tuning job [{name}]."
        )
