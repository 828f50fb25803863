"""A bare ASGI application over `inplace_predict`, without and with Starlette: `uvicorn asgi_app:bare`, `:starlette`.

It checks nothing: rows are lists of numbers.
"""

import os

import numpy as np
import orjson
import xgboost
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BOOSTER = xgboost.Booster(model_file=os.environ["PEER_MODEL"])
BOOSTER.set_param({"nthread": 1})
HEADERS = [(b"content-type", b"application/json")]


def predicted(body: bytes) -> bytes:
    """The JSON answer to {"instances": [[number, ...], ...]}."""
    rows = np.array(orjson.loads(body)["instances"], dtype="float32")
    return orjson.dumps({"predictions": BOOSTER.inplace_predict(rows)}, option=orjson.OPT_SERIALIZE_NUMPY)


async def bare(scope, receive, send):  # type: ignore[no-untyped-def]
    """The application without a framework."""
    if scope["type"] != "http":
        return
    message = await receive()
    body = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    answer = predicted(body)
    headers = [*HEADERS, (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def _invocations(request: Request) -> Response:
    return Response(predicted(await request.body()), media_type="application/json")


starlette = Starlette(routes=[Route("/invocations", _invocations, methods=["POST"])])
