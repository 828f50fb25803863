"""Every resource kind of SageMaker local by its name, and the actions that are not one of the generic verbs.

A kind that is only stored needs an entry in `kinds/` and nothing else. One that runs something also has hooks: a
separate module for the rules, and `executors/` for what it starts.
"""

from sagemaker_local import (
    feature_groups,
    hosting,
    lineage,
    model_cards,
    pipeline_callbacks,
    pipeline_execution_lists,
    pipeline_executions,
    pipelines,
    registry,
    search,
    tags,
    tracking_servers,
    tuning_jobs,
)
from sagemaker_local.kinds.feature_store import KINDS as FEATURE_STORE
from sagemaker_local.kinds.hosting import KINDS as HOSTING
from sagemaker_local.kinds.jobs import KINDS as JOBS
from sagemaker_local.kinds.lineage import KINDS as LINEAGE
from sagemaker_local.kinds.notebooks import KINDS as NOTEBOOKS
from sagemaker_local.kinds.pipelines import KINDS as PIPELINES
from sagemaker_local.kinds.registry import KINDS as REGISTRY
from sagemaker_local.kinds.studio import KINDS as STUDIO
from sagemaker_local.kinds.tracking_servers import KINDS as TRACKING_SERVERS

STATE_ONLY_KINDS = (*LINEAGE, *STUDIO, *NOTEBOOKS)
"""Kinds that are stored, and for which nothing runs."""

_RUNNING = (*JOBS, *HOSTING, *REGISTRY, *FEATURE_STORE, *TRACKING_SERVERS, *PIPELINES)
KINDS = {kind.name: kind for kind in (*_RUNNING, *STATE_ONLY_KINDS)}

OPERATIONS = {
    "ListTrainingJobsForHyperParameterTuningJob": tuning_jobs.list_training_jobs,
    "AddTags": tags.add,
    "ListTags": tags.list_tags,
    "DeleteTags": tags.delete,
    "UpdateEndpoint": hosting.update,
    "UpdateEndpointWeightsAndCapacities": hosting.update_weights,
    "UpdateModelPackage": registry.update_package,
    "CreatePipeline": pipelines.create,
    "UpdatePipeline": pipelines.update,
    "DescribePipeline": pipelines.describe,
    "DeletePipeline": pipelines.delete,
    "ListPipelineVersions": pipelines.list_versions,
    "UpdatePipelineVersion": pipelines.update_version,
    "StartPipelineExecution": pipeline_executions.start,
    "StopPipelineExecution": pipeline_executions.stop,
    "RetryPipelineExecution": pipeline_executions.retry,
    "UpdatePipelineExecution": pipeline_executions.update,
    "DescribePipelineExecution": pipeline_executions.describe,
    "DescribePipelineDefinitionForExecution": pipeline_executions.describe_definition,
    "ListPipelineExecutions": pipeline_execution_lists.list_executions,
    "ListPipelineExecutionSteps": pipeline_execution_lists.list_steps,
    "ListPipelineParametersForExecution": pipeline_execution_lists.list_parameters,
    "SendPipelineExecutionStepSuccess": pipeline_callbacks.send_success,
    "SendPipelineExecutionStepFailure": pipeline_callbacks.send_failure,
    "CreatePresignedMlflowTrackingServerUrl": tracking_servers.presigned_url,
    "Search": search.search,
    "BatchDescribeModelPackage": registry.batch_describe,
    "PutModelPackageGroupPolicy": registry.put_policy,
    "GetModelPackageGroupPolicy": registry.get_policy,
    "DeleteModelPackageGroupPolicy": registry.delete_policy,
    "DescribeModelCard": model_cards.describe,
    "ListModelCardVersions": model_cards.list_versions,
    "AssociateTrialComponent": lineage.associate_component,
    "DisassociateTrialComponent": lineage.disassociate_component,
    "AddAssociation": lineage.add_association,
    "DeleteAssociation": lineage.delete_association,
    "DescribeFeatureMetadata": feature_groups.describe_metadata,
    "UpdateFeatureMetadata": feature_groups.update_metadata,
}
