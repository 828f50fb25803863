"""Jobs: training, processing, tuning and batch transform."""

from __future__ import annotations

from sagemaker_local import processing_jobs, training_jobs, transform_jobs, tuning_jobs, warm_pools
from sagemaker_local.resource_kind import ResourceKind

_JOB_VERBS = ("Create", "Describe", "List", "Stop")

KINDS = (
    ResourceKind(
        "TrainingJob",
        "training-job",
        (*_JOB_VERBS, "Update", "Delete"),
        status="TrainingJobStatus",
        event="SageMaker Training Job State Change",
        event_on=("SecondaryStatus",),
        defaults=training_jobs.DEFAULTS,
        filters={
            "WarmPoolStatusEquals": "WarmPoolStatus.Status",
            "TrainingPlanArnEquals": "ResourceConfig.TrainingPlanArn",
        },
        prepare=training_jobs.prepare,
        created=training_jobs.start,
        apply_update=training_jobs.apply_update,
        updated=warm_pools.terminate_in_time,
        stop=training_jobs.stop,
        delete=training_jobs.delete,
    ),
    ResourceKind(
        "ProcessingJob",
        "processing-job",
        (*_JOB_VERBS, "Delete"),
        status="ProcessingJobStatus",
        event="SageMaker Processing Job State Change",
        defaults=processing_jobs.DEFAULTS,
        not_found_message="Could not find requested job with name: {name}",
        already_exists_message="Job name must be unique within an AWS account and region, "
        "and a job with this name already exists ({arn})",
        prepare=processing_jobs.prepare,
        created=processing_jobs.start,
        stop=processing_jobs.stop,
        delete=processing_jobs.delete,
    ),
    ResourceKind(
        "HyperParameterTuningJob",
        "hyper-parameter-tuning-job",
        (*_JOB_VERBS, "Delete"),
        status="HyperParameterTuningJobStatus",
        event="SageMaker HyperParameter Tuning Job State Change",
        sort_by="Name",
        defaults=tuning_jobs.DEFAULTS,
        not_found_message="Amazon SageMaker can't find a tuning job with this ARN: {arn}.",
        already_exists_message="Hyperparameter tuning job names must be unique within an AWS account and region, "
        "and a hyperparameter tuning job with this name already exists ({arn})",
        prepare=tuning_jobs.prepare,
        created=tuning_jobs.start,
        stop=tuning_jobs.stop,
        delete=tuning_jobs.delete,
    ),
    ResourceKind(
        "TransformJob",
        "transform-job",
        _JOB_VERBS,
        status="TransformJobStatus",
        newest_first=True,
        defaults=transform_jobs.DEFAULTS,
        not_found_message="Could not find requested job with name: {name}",
        already_exists_message="Job name must be unique within an AWS account and region, "
        "and a job with this name already exists ({arn})",
        event="SageMaker Transform Job State Change",
        prepare=transform_jobs.prepare,
        created=transform_jobs.start,
        stop=transform_jobs.stop,
    ),
)
