"""Experiments and lineage. They are stored; nothing runs for them."""

from __future__ import annotations

from sagemaker_local import lineage
from sagemaker_local.resource_kind import CREATE_TO_DELETE, ResourceKind

_ALL = (*CREATE_TO_DELETE, "Update")

KINDS = (
    ResourceKind(
        "Experiment",
        "experiment",
        _ALL,
        newest_first=True,
        defaults={"CreatedBy": {}},
        not_found_error="ResourceNotFound",
        delete=lineage.delete_experiment,
    ),
    ResourceKind(
        "Trial",
        "experiment-trial",
        _ALL,
        newest_first=True,
        defaults={"CreatedBy": {}},
        not_found_error="ResourceNotFound",
        filters={"ExperimentName": "ExperimentName"},
        list_filter=lineage.filter_trials,
        list_filter_members=("TrialComponentName",),
        prepare=lineage.prepare_trial,
        delete=lineage.delete_trial,
    ),
    ResourceKind(
        "TrialComponent",
        "experiment-trial-component",
        _ALL,
        newest_first=True,
        defaults={"CreatedBy": {}},
        not_found_error="ResourceNotFound",
        list_filter=lineage.filter_components,
        list_filter_members=("TrialName", "ExperimentName", "SourceArn"),
        apply_update=lineage.update_component,
        delete=lineage.delete_component,
    ),
    ResourceKind(
        "Context",
        "context",
        _ALL,
        newest_first=True,
        not_found_error="ResourceNotFound",
        filters={"ContextType": "ContextType"},
        list_filter=lineage.filter_sources,
        list_filter_members=("SourceUri",),
    ),
    ResourceKind(
        "Action",
        "action",
        _ALL,
        newest_first=True,
        not_found_error="ResourceNotFound",
        filters={"ActionType": "ActionType"},
        list_filter=lineage.filter_sources,
        list_filter_members=("SourceUri",),
    ),
    ResourceKind(
        "Artifact",
        "artifact",
        _ALL,
        key_member="ArtifactArn",
        newest_first=True,
        not_found_error="ResourceNotFound",
        filters={"ArtifactType": "ArtifactType"},
        list_filter=lineage.filter_sources,
        list_filter_members=("SourceUri",),
        prepare=lineage.prepare_artifact,
    ),
    ResourceKind(
        "Association",
        "association",
        ("List",),
        newest_first=True,
        filters=dict(zip(lineage.ENDS, lineage.ENDS, strict=True)),
        sorts=dict(zip(lineage.ENDS, lineage.ENDS, strict=True)),
    ),
)
