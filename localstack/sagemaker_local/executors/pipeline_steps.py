"""The steps of a pipeline execution: started, observed and stopped by SageMaker's own actions."""

from __future__ import annotations

import hashlib
import json
import random
import string
from typing import TYPE_CHECKING, Any

from sagemaker_local import service_model
from sagemaker_local.errors import AwsError, JobFailure
from sagemaker_local.executors import callbacks
from sagemaker_local.failure_reasons import LONGEST_REASON
from sagemaker_local.pipeline_definition import conditions, retries
from sagemaker_local.pipeline_definition.definition import Definition, Step
from sagemaker_local.pipeline_definition.steps import CALLBACK, CONDITION, FAIL, RESOURCE_STEPS, ResourceStep
from sagemaker_local.pipeline_definition.values import Resolver, UnresolvedError, conformed
from sagemaker_local.pipeline_definition.variables import variables
from sagemaker_local.store import Record

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools

State = dict[str, Any]
CACHE_KIND = "PipelineStepCache"
TAG = "sagemaker:pipeline-execution-arn"
_ENDINGS = {"Completed": "Succeeded", "InService": "Succeeded", "Failed": "Failed", "Stopped": "Stopped"}
_MADE = ("Metadata", "_Arn", "_Name")
_LETTERS = string.ascii_letters + string.digits
_NAME_LIMIT = {"HyperParameterTuningJob": 32}
_BY_OBJECTIVE = {"SortBy": "FinalObjectiveMetricValue", "SortOrder": "Descending"}


class Steps:
    """The steps of one execution. A step's state has the members of ListPipelineExecutionSteps, and more."""

    def __init__(self, tools: Tools, engine: Engine, record: Record, definition: Definition) -> None:
        self._tools, self._engine, self._record, self._definition = tools, engine, record, definition

    def begin(self, step: Step, attempt: int = 1, began: float | None = None) -> State:
        """Starts a step; one that needs no resource, or finds an earlier run in its cache, ends at once."""
        now = self._engine.clock.now()
        state: State = {"StepName": step.name, "StartTime": began or now, "AttemptCount": attempt, "Metadata": {}}
        shown = {"StepDisplayName": "DisplayName", "StepDescription": "Description"}
        state |= {member: step.raw[given] for member, given in shown.items() if step.raw.get(given)}
        try:
            if step.type == CONDITION:
                return self._decide(step, state)
            if step.type == FAIL:
                return self._fail(step, state)
            if step.type == CALLBACK:
                return self._ask(step, state)
            return self._create(step, RESOURCE_STEPS[step.type], state)
        except (UnresolvedError, JobFailure) as problem:
            return self._ended(state, "Failed", str(problem))

    def follow(self, step: Step, state: State) -> State:
        """The state of a running step as it is now."""
        if state.get("_RetryAt"):
            if self._engine.clock.now() < state["_RetryAt"]:
                return state
            return self.begin(step, state["AttemptCount"] + 1, state["StartTime"])
        if step.type == CALLBACK:
            return state
        kind = self._engine.kinds[RESOURCE_STEPS[step.type].kind]
        record = self._engine.find(kind.name, state["_Arn"])
        if record is None:
            return self._ended(state, "Failed", f"ClientError: {state['_Arn']} was deleted.")
        ending = _ENDINGS.get(record.status or "Completed")
        if ending == "Failed":
            reason = str(record.body.get("FailureReason", ""))
            return self._failed_or_again(step, state, "", reason, f"ClientError: {reason}")
        if ending is None:
            return state
        ended = self._ended(state, ending)
        if ending == "Succeeded" and step.cache:
            self._remember(ended)
        return ended

    def stop(self, step: Step, state: State) -> State:
        """Requests a running step's resource to stop."""
        if state.get("_RetryAt"):
            return self._ended(state, "Stopped")
        if step.type == CALLBACK:  # it ends only when its answer arrives, as on AWS
            try:
                callbacks.send(self._record, state, "Stopping", self._tools.region)
            except JobFailure as failure:
                return self._ended(state, "Failed", str(failure))
            return {**state, "StepStatus": "Stopping"}
        return {**state, "StepStatus": "Stopping"} if self.stop_job(step, state) else state

    def stop_job(self, step: Step, state: State) -> bool:
        """Requests the resource of a running step to stop; False when it has already ended."""
        kind = self._engine.kinds[RESOURCE_STEPS[step.type].kind] if step.type in RESOURCE_STEPS else None
        if kind is None or "Stop" not in kind.verbs or "_Name" not in state:
            return True
        try:
            self._engine.call(kind.action("Stop"), {kind.key: state["_Name"]})
        except AwsError:
            return False
        return True

    # The kinds of steps.

    def _decide(self, step: Step, state: State) -> State:
        outcome = conditions.all_hold(self._resolver("").resolve(step.arguments["Conditions"]))
        state["Metadata"] = {"Condition": {"Outcome": "True" if outcome else "False"}}
        return self._ended(state, "Succeeded")

    def _fail(self, step: Step, state: State) -> State:
        message = str(self._resolver("").resolve(step.arguments.get("ErrorMessage", "")))
        state["Metadata"] = {"Fail": {"ErrorMessage": message}}
        return self._ended(state, "Failed", message)

    def _ask(self, step: Step, state: State) -> State:
        resolver = self._resolver("")
        state["Metadata"] = {"Callback": callbacks.begin(resolver.resolve(step.raw["SqsQueueUrl"]))}
        state |= {"StepStatus": "Executing", "_Arguments": resolver.resolve(step.arguments)}
        callbacks.send(self._record, state, "Executing", self._tools.region)
        return state

    def _create(self, step: Step, kind: ResourceStep, state: State) -> State:
        request = self._request(step, kind)
        if step.cache:
            state["_CacheKey"] = self._cache_key(step, kind, request)
            if cached := self._cached(step, state["_CacheKey"]):
                state |= {member: cached[member] for member in _MADE}
                state["CacheHitResult"] = {"SourcePipelineExecutionArn": cached["_Execution"]}
                return self._ended(state, "Succeeded")
        try:
            arn = self._engine.call(kind.action, request)[f"{kind.kind}Arn"]
        except AwsError as error:
            told = f"ClientError: Failed to invoke sagemaker:{kind.action}. Error Details: {error.message}"
            return self._failed_or_again(step, state, error.code, "", told)
        state |= {"StepStatus": "Executing", "Metadata": {kind.metadata: {"Arn": arn}}, "_Arn": arn}
        state["_Name"] = request.get(kind.name_member, arn)  # an ARN has it in lower case
        return self.follow(step, state)

    def _request(self, step: Step, kind: ResourceStep) -> dict[str, Any]:
        shape = service_model.input_shape(kind.action)
        name = self._resource_name(step, kind)
        request = dict(self._resolver(name).resolve(step.arguments))
        if kind.kind == "ModelPackage":
            request.pop(kind.name_member, None)
            self._ensure_group(request.get("ModelPackageGroupName"))
        elif not (kind.named_by_user and request.get(kind.name_member)):
            request[kind.name_member] = name
        if "RoleArn" in shape.required_members:
            request.setdefault("RoleArn", self._record.body["_RoleArn"])
        if not request.get("ModelPackageGroupName"):  # a version of a group has no own tags
            request["Tags"] = [*(request.get("Tags") or []), {"Key": TAG, "Value": self._record.arn}]
        return dict(conformed(request, shape))

    def _resource_name(self, step: Step, kind: ResourceStep) -> str:
        """`pipelines-<execution>-<20 letters of the step>-<10 random ones>`; shorter where AWS limits names."""
        execution = self._record.name.rsplit("/", 1)[1]
        suffix = "".join(random.choices(_LETTERS, k=10))  # noqa: S311
        limit = _NAME_LIMIT.get(kind.kind)
        if limit:
            return f"{execution}-{_stem(step.name, 8)}-{suffix}"
        prefix = step.arguments.get(kind.name_member)  # PipelineDefinitionConfig(use_custom_job_prefix=True)
        if isinstance(prefix, str):
            return f"{_stem(prefix, 38)}-{execution}-{suffix}"
        return f"pipelines-{execution}-{_stem(step.name, 20)}-{suffix}"

    def _ensure_group(self, name: str | None) -> None:
        """RegisterModel makes its model package group if there is none."""
        if name and not name.startswith("arn:") and self._engine.find("ModelPackageGroup", name) is None:
            try:
                self._engine.call("CreateModelPackageGroup", {"ModelPackageGroupName": name})
            except AwsError:  # it was just made; CreateModelPackage reports any other error
                return

    # Values.

    def _resolver(self, job_name: str) -> Resolver:
        known = variables(self._record, job_name, self._engine.clock.now())
        return Resolver(
            self._record.body["_Parameters"],
            known.__getitem__,
            self._properties,
            self._property_file,
            self._tools.s3.read,
        )

    def _properties(self, name: str, path: str) -> Any:
        state = self._record.body["_Steps"].get(name, {})
        step = self._definition.steps[name]
        if step.type == CONDITION:
            return {"Outcome": state["Metadata"]["Condition"]["Outcome"].lower()}
        if step.type == CALLBACK and "Callback" in state.get("Metadata", {}):
            return callbacks.properties(step, state)
        kind = RESOURCE_STEPS.get(step.type)
        if kind is None or "_Arn" not in state:
            raise UnresolvedError(f"ClientError: Step {name} has no properties.")
        try:
            if path.startswith("TrainingJobSummaries") and kind.kind == "HyperParameterTuningJob":
                request = {kind.name_member: state["_Name"], "MaxResults": 50, **_BY_OBJECTIVE}
                return self._engine.call("ListTrainingJobsForHyperParameterTuningJob", request)
            return self._engine.call(f"Describe{kind.kind}", {kind.name_member: state["_Name"]})
        except AwsError as error:
            raise UnresolvedError(f"ClientError: The properties of step {name} can't be read: {error}") from error

    def _property_file(self, name: str, file: str) -> str:
        entry = self._definition.steps[name].property_file(file)
        outputs = self._properties(name, "").get("ProcessingOutputConfig", {}).get("Outputs", [])
        for output in outputs:
            if entry and output["OutputName"] == entry["OutputName"]:
                return f"{output['S3Output']['S3Uri'].rstrip('/')}/{entry['FilePath']}"
        raise UnresolvedError(f"ClientError: Property file {file} of step {name} belongs to no output of the job.")

    # Endings.

    def _ended(self, state: State, status: str, reason: str = "") -> State:
        ended = {**state, "StepStatus": status, "EndTime": self._engine.clock.now()}
        return {**ended, "FailureReason": reason[:LONGEST_REASON]} if reason else ended

    def _failed_or_again(self, step: Step, state: State, code: str, reason: str, told: str) -> State:
        exception = retries.exception_type(code, reason)
        if exception is None:
            return self._ended(state, "Failed", told)
        now = self._engine.clock.now()
        wait = retries.delay(step.retry_policies, exception, state["AttemptCount"], now - state["StartTime"])
        if wait is not None:
            return {**state, "StepStatus": "Executing", "_RetryAt": now + wait}
        constant = exception.upper().replace(".", "_")
        return self._ended(
            state,
            "Failed",
            f"{told}\nRetry not appropriate on execution of step with PipelineExecutionArn {self._record.arn} and "
            f"StepId {step.name}. No retry policy configured for the exception type {constant}.",
        )

    # The cache.

    def _cache_key(self, step: Step, kind: ResourceStep, request: dict[str, Any]) -> str:
        same = {member: request[member] for member in kind.cached_by if member in request}
        content = [self._record.body["PipelineArn"], step.name, step.type, same or request]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def _cached(self, step: Step, key: str) -> State | None:
        record = self._engine.store.get(CACHE_KIND, key)
        if record is None or self._engine.find(RESOURCE_STEPS[step.type].kind, record.body["_Arn"]) is None:
            return None
        oldest = retries.seconds(step.cache.get("ExpireAfter", ""))
        if oldest is not None and self._engine.clock.now() - record.created > oldest:
            return None
        return record.body

    def _remember(self, state: State) -> None:
        store, key, now = self._engine.store, state["_CacheKey"], self._engine.clock.now()
        body = {**{member: state[member] for member in _MADE}, "_Execution": self._record.arn}
        with store.exclusively():
            if earlier := store.get(CACHE_KIND, key):
                store.delete(earlier)
            store.insert(Record(CACHE_KIND, key, f"{self._record.arn}/cache/{key}", now, now, None, body))


def _stem(name: str, length: int) -> str:
    return name.replace("_", "-")[:length].strip("-")
