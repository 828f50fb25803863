"""THE TABLE: every resource kind that SageMaker local keeps, and the actions that are not one of the generic verbs.

A kind that only is kept needs an entry here and nothing else. One that runs something also has hooks, which
live with what they start: `executors/` for jobs and fleets, a module of its own for rules.
"""

from sagemaker_local import feature_groups, hosting, models, processing_jobs, registry, tags, training_jobs
from sagemaker_local.kinds import CREATE_TO_DELETE, ResourceKind

_JOB_VERBS = ("Create", "Describe", "List", "Stop")

_TABLE = (
    ResourceKind(
        "TrainingJob",
        "training-job",
        _JOB_VERBS,
        status="TrainingJobStatus",
        defaults=training_jobs.DEFAULTS,
        prepare=training_jobs.prepare,
        created=training_jobs.start,
        stop=training_jobs.stop,
    ),
    ResourceKind(
        "ProcessingJob",
        "processing-job",
        _JOB_VERBS,
        status="ProcessingJobStatus",
        defaults=processing_jobs.DEFAULTS,
        absent="Could not find requested job with name: {name}",
        taken="Job name must be unique within an AWS account and region, "
        "and a job with this name already exists ({arn})",
        prepare=processing_jobs.prepare,
        created=processing_jobs.start,
        stop=processing_jobs.stop,
    ),
    ResourceKind(
        "Model",
        "model",
        newest_first=True,
        defaults={"EnableNetworkIsolation": False},
        absent='Could not find model "{arn}".',
        taken='Cannot create already existing model "{arn}".',
        taken_error="ValidationException",
        prepare=models.prepare,
    ),
    ResourceKind(
        "EndpointConfig",
        "endpoint-config",
        newest_first=True,
        absent='Could not find endpoint configuration "{arn}".',
        taken='Cannot create already existing endpoint configuration "{arn}".',
        taken_error="ValidationException",
        prepare=hosting.prepare_config,
    ),
    ResourceKind(
        "Endpoint",
        "endpoint",
        status="EndpointStatus",
        newest_first=True,
        defaults={"EndpointStatus": "Creating"},
        absent='Could not find endpoint "{arn}".',
        taken='Cannot create already existing endpoint "{arn}".',
        taken_error="ValidationException",
        prepare=hosting.prepare_endpoint,
        created=hosting.start,
        delete=hosting.delete,
    ),
    ResourceKind(
        "ModelPackageGroup",
        "model-package-group",
        status="ModelPackageGroupStatus",
        defaults={"ModelPackageGroupStatus": "Completed", "CreatedBy": {}},
        absent="ModelPackageGroup {arn} does not exist.",
        taken="Model Package Group already exists: {arn}",
        taken_error="ValidationException",
        delete=registry.delete_group,
    ),
    ResourceKind(
        "ModelPackage",
        "model-package",
        status="ModelPackageStatus",
        defaults={"ModelPackageStatus": "Completed", "CreatedBy": {}},
        filters={
            "ModelApprovalStatus": "ModelApprovalStatus",
            "ModelPackageGroupName": "ModelPackageGroupName",
        },
        narrow=registry.narrow_packages,
        absent="ModelPackage {arn} does not exist.",
        taken="Model Package already exists: {arn}",
        taken_error="ConflictException",
        prepare=registry.prepare_package,
    ),
    ResourceKind(
        "FeatureGroup",
        "feature-group",
        (*CREATE_TO_DELETE, "Update"),
        status="FeatureGroupStatus",
        newest_first=True,
        defaults=feature_groups.DEFAULTS,
        filters={
            "FeatureGroupStatusEquals": "FeatureGroupStatus",
            "OfflineStoreStatusEquals": "OfflineStoreStatus.Status",
        },
        absent=feature_groups.ABSENT,
        absent_error="ResourceNotFound",
        taken="Resource Already Exists: FeatureGroup with name {name} already exists. "
        "Choose a different name.\nInfo: FeatureGroup with name {name} already exists.",
        prepare=feature_groups.prepare,
        created=feature_groups.start,
        revise=feature_groups.revise,
        delete=feature_groups.delete,
    ),
)

KINDS = {kind.name: kind for kind in _TABLE}

OPERATIONS = {
    "AddTags": tags.add,
    "ListTags": tags.list_tags,
    "DeleteTags": tags.delete,
    "UpdateEndpoint": hosting.update,
    "UpdateEndpointWeightsAndCapacities": hosting.update_weights,
    "UpdateModelPackage": registry.update_package,
    "DescribeFeatureMetadata": feature_groups.describe_metadata,
    "UpdateFeatureMetadata": feature_groups.update_metadata,
}
