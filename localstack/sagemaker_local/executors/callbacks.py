"""Callback steps: a message in a queue, and the wait for SendPipelineExecutionStepSuccess or …Failure."""

from __future__ import annotations

import json
import random
import string
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local import aws
from sagemaker_local.errors import JobFailure, ValidationException
from sagemaker_local.pipeline_definition.definition import Step
from sagemaker_local.pipeline_definition.parameters import Parameter
from sagemaker_local.pipeline_definition.values import UnresolvedError
from sagemaker_local.store import Record


def begin(queue: str) -> dict[str, Any]:
    """The step's metadata, with a token that is sent in the message only."""
    letters = string.ascii_letters + string.digits
    return {"CallbackToken": "".join(random.SystemRandom().choices(letters, k=10)), "SqsQueueUrl": queue}


def send(record: Record, state: dict[str, Any], status: str, region: str) -> None:
    """Sends a message in AWS's form to the step's queue.

    Raises:
        JobFailure: the queue refuses it.
    """
    metadata = state["Metadata"]["Callback"]
    message = {
        "token": metadata["CallbackToken"],
        "pipelineExecutionArn": record.arn,
        "arguments": state["_Arguments"],
        "status": status,
    }
    try:
        aws.client("sqs", region).send_message(QueueUrl=metadata["SqsQueueUrl"], MessageBody=json.dumps(message))
    except (BotoCoreError, ClientError) as error:
        raise JobFailure(f"ClientError: Failed to invoke sqs:SendMessage. Error Details: {error}") from error


def properties(step: Step, state: dict[str, Any]) -> dict[str, Any]:
    """The values of `Steps.<name>.OutputParameters['<output>']`, each in the type that the step declares.

    Raises:
        UnresolvedError: an output is not of its type.
    """
    types = {each["OutputName"]: each["OutputType"] for each in step.raw.get("OutputParameters", [])}
    given = state["Metadata"]["Callback"].get("OutputParameters", [])
    try:
        values = {
            each["Name"]: Parameter(each["Name"], types.get(each["Name"], "String")).value_of(each["Value"])
            for each in given
        }
    except ValidationException as wrong:
        raise UnresolvedError(f"ClientError: {wrong.message}") from None
    return {"OutputParameters": values}
