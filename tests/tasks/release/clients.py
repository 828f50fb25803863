"""A client that calls an endpoint at a steady rate, and light models that answer with their version."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.sagemaker_local.support import archive

A_SECOND = 50
"""Requests."""
THREADS = 5
BODY = b'{"instances": [{"age": 15, "colour": "red"}]}'
ANSWERS = """
import json

def model_fn(model_dir):
    return MARK

def transform_fn(mark, body, content_type, accept):
    rows = json.loads(body)["instances"]
    CHECK
    answer = {"prediction": "yes", "probabilities": {"no": mark, "yes": 1 - mark}}
    return json.dumps({"predictions": [answer] * len(rows)}), "application/json"
"""
BAD_FOR_FIVE = 'if len(rows) == 5: raise RuntimeError("an injected error")'
"""Requests during a deployment have five rows. The test before it sends one row, and all rows."""
BAD_FOR_ONE = 'if len(rows) == 1: raise RuntimeError("an injected error")'


def marked(mark: float, check: str = "pass") -> bytes:
    """The model.tar.gz of a model whose probability of `no` is `mark`."""
    return archive(code__inference=ANSWERS.replace("MARK", str(mark)).replace("CHECK", check))


@dataclass
class Calls:
    """What a client has got."""

    marks: list[float] = field(default_factory=list)
    """The mark of each answer, in the order of the answers."""
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def counts(self) -> Counter[float]:
        return Counter(self.marks)


@contextmanager
def steady_client(endpoint: str) -> Iterator[Calls]:
    """Call the endpoint 50 times a second while the block runs, without retries."""
    runtime = boto3.client("sagemaker-runtime", "us-east-1", config=Config(retries={"total_max_attempts": 1}))
    calls, over, begun = Calls(), threading.Event(), time.monotonic()

    def call(first: int) -> None:
        due = begun + first / A_SECOND
        while not over.wait(max(0.0, due - time.monotonic())):
            due += THREADS / A_SECOND
            _call(runtime, endpoint, calls)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield calls
    finally:
        over.set()
        for thread in threads:
            thread.join()
        calls.seconds = time.monotonic() - begun


def _call(runtime: Any, endpoint: str, calls: Calls) -> None:
    try:
        answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=BODY, ContentType="application/json")
        [prediction] = json.loads(answer["Body"].read())["predictions"]
        calls.marks.append(prediction["probabilities"]["no"])
    except (BotoCoreError, ClientError) as error:
        calls.failures.append(str(error))
