"""The request of a tuning job: what it searches, how, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.profile import active_profile
from config.tuning import LEAST_SECONDS, Range, Tuning
from tasks import clients
from tasks.platform import platform
from tasks.sagemaker.network import vpc_config
from tasks.sagemaker.tags import labels
from tasks.sagemaker.training_requests import TrainingRequest

SCALES = {"auto": "Auto", "linear": "Linear", "log": "Logarithmic", "reverse_log": "ReverseLogarithmic"}


@dataclass(frozen=True)
class Search:
    """What a tuning job searches, and for how long."""

    tuning: Tuning
    objective: str
    """A metric of the training jobs."""
    maximize: bool
    stops_early: bool
    seed: int
    """SageMaker tries the same settings again with it, except those of Hyperband."""
    budget: Mapping[str, Any] | None = None
    """What limits the time, as the use case says it: part of the request."""
    seconds: int | None = None
    """The time that the budget allows. None: no limit."""

    @property
    def content(self) -> dict[str, Any]:
        """Everything that the result depends on, as a JSON value."""
        tuning = self.tuning.model_dump(mode="json", exclude_defaults=True)
        chosen = [self.objective, self.maximize, self.stops_early, self.seed]
        return {"tuning": tuning, "search": chosen, **({"budget": dict(self.budget)} if self.budget else {})}


def create_tuning_job(name: str, wanted: TrainingRequest, search: Search, tags: dict[str, str]) -> None:
    """Create a tuning job whose training jobs are `wanted`, with the tuned hyperparameters added to theirs."""
    from sagemaker.core import shapes
    from sagemaker.core.resources import HyperParameterTuningJob

    HyperParameterTuningJob.create(
        hyper_parameter_tuning_job_name=name,
        hyper_parameter_tuning_job_config=_config(search),
        training_job_definition=shapes.HyperParameterTrainingJobDefinition(
            static_hyper_parameters=wanted.fixed,
            algorithm_specification=shapes.HyperParameterAlgorithmSpecification(
                training_image=platform().image(active_profile().image),
                training_input_mode="File",
                metric_definitions=wanted.definitions,
            ),
            **({"vpc_config": network} if (network := vpc_config()) else {}),
            **wanted.shared(name),
        ),
        tags=labels(tags),
        session=clients.session(),
        region=active_profile().region,
    )


def _config(search: Search) -> Any:
    from sagemaker.core import shapes

    tuning = search.tuning
    rounds = tuning.rounds and shapes.HyperbandStrategyConfig(
        min_resource=tuning.rounds[0], max_resource=tuning.rounds[1]
    )
    return shapes.HyperParameterTuningJobConfig(
        strategy=tuning.strategy,
        **(
            {"strategy_config": shapes.HyperParameterTuningJobStrategyConfig(hyperband_strategy_config=rounds)}
            if rounds
            else {}
        ),
        hyper_parameter_tuning_job_objective=shapes.HyperParameterTuningJobObjective(
            type="Maximize" if search.maximize else "Minimize", metric_name=search.objective
        ),
        resource_limits=_resource_limits(search),
        parameter_ranges=_ranges(tuning.ranges),
        training_job_early_stopping_type="Auto" if search.stops_early else "Off",
        random_seed=search.seed,
    )


def _resource_limits(search: Search) -> Any:
    from sagemaker.core import shapes

    # Grid computes the number of its training jobs itself.
    jobs = {} if search.tuning.strategy == "Grid" else {"max_number_of_training_jobs": search.tuning.most_jobs}
    seconds = {} if search.seconds is None else {"max_runtime_in_seconds": max(LEAST_SECONDS, search.seconds)}
    return shapes.ResourceLimits(max_parallel_training_jobs=search.tuning.parallel, **jobs, **seconds)


def _ranges(ranges: Mapping[str, Range]) -> Any:
    from sagemaker.core import shapes

    def numeric(kind: Any, name: str, each: Range) -> Any:
        low, high = each.bounds
        return kind(name=name, min_value=str(low), max_value=str(high), scaling_type=SCALES[each.scale])

    return shapes.ParameterRanges(
        integer_parameter_ranges=[
            numeric(shapes.IntegerParameterRange, name, each) for name, each in ranges.items() if each.integer
        ],
        continuous_parameter_ranges=[
            numeric(shapes.ContinuousParameterRange, name, each) for name, each in ranges.items() if each.number
        ],
        categorical_parameter_ranges=[
            shapes.CategoricalParameterRange(name=name, values=[str(value) for value in each.choice])
            for name, each in ranges.items()
            if each.choice is not None
        ],
    )
