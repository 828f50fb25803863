"""Pipelines, their versions and executions."""

from __future__ import annotations

from sagemaker_local import pipelines
from sagemaker_local.resource_kind import ResourceKind

KINDS = (
    ResourceKind(
        "Pipeline",
        "pipeline",
        ("Create", "List"),
        status="PipelineStatus",
        newest_first=True,
        defaults=pipelines.DEFAULTS,
        list_filter=pipelines.list_filter,
        list_filter_members=("PipelineNamePrefix",),
        not_found_message="Pipeline '{arn}' does not exist.",
        not_found_error="ResourceNotFound",
        already_exists_message="Pipeline names must be unique within an AWS account and region. "
        "Pipeline with name ({name}) already exists.",
        already_exists_error="ValidationException",
        created=pipelines.created,
    ),
    ResourceKind("PipelineVersion", "pipeline", (), newest_first=True, filters={"PipelineName": "_PipelineName"}),
    ResourceKind(
        "PipelineExecution",
        "pipeline",
        (),
        status="PipelineExecutionStatus",
        newest_first=True,
        filters={"PipelineName": "_PipelineName"},
        not_found_message="Pipeline execution '{arn}' does not exist.",
        not_found_error="ResourceNotFound",
    ),
)
