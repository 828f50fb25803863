"""Captured requests as plain JSON lines: nothing is served."""

import json
from typing import Any

from tasks.capture.events import Event, event_of

ANSWER = json.dumps({"predictions": [{"prediction": "no", "probabilities": {"no": 0.75, "yes": 0.25}}]})


def captured_line(
    body: str = "[]",
    answer: str = ANSWER,
    content_type: str = "application/json",
    encoding: str = "JSON",
    **metadata: Any,
) -> str:
    """The line of a request and its answer."""
    request = {"observedContentType": content_type, "mode": "INPUT", "data": body, "encoding": encoding}
    output = {"observedContentType": "application/json", "mode": "OUTPUT", "data": answer, "encoding": "JSON"}
    about = {"eventId": "e1", "inferenceTime": "2026-11-27T09:15:00Z", **metadata}
    data = {"endpointInput": request, "endpointOutput": output}
    return json.dumps({"captureData": data, "eventMetadata": about, "eventVersion": "0"})


def event(body: str = "[]", answer: str = ANSWER, **changes: Any) -> Event:
    """The event of such a line."""
    return event_of(captured_line(body, answer, **changes).encode(), 1)
