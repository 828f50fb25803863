"""A worker process: takes all requests that wait at its socket, and answers each."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from time import monotonic
from typing import cast

from serving.invocation import Answer, Invocation
from serving.server import log
from serving.server.frames import ANSWER, REQUEST, Board
from serving.server.model_interface import Model
from serving.server.responses import refusal, response

_BUFFER = 256 << 10
_REMEMBERED = 256
_FAILED = refusal(500, "The server could not answer this request. Its log has the error's type.")


def run(model: Model, connection: socket.socket, board: Board, slot: int) -> None:
    """Answer requests until the front closes the socket. The board has the numbers of those in progress."""
    inbox, number = Inbox(connection), 0
    while requests := inbox.take():
        board.mark(slot, number + 1, number + len(requests), monotonic())
        sent = _together(model, requests) if len(requests) > 1 else None
        if sent is None:
            sent = []
            for each, request in enumerate(requests, number + 1):
                board.mark(slot, each, each, monotonic())
                sent.append(_alone(model, request))
        number += len(requests)
        board.clear(slot)
        connection.sendall(b"".join(sent))


class Inbox:
    """Reads requests from a socket: as many as wait, at least one."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._types = dict[tuple[bytes, int], tuple[str, str]]()

    def take(self) -> list[Invocation]:
        """Return the requests that are there; none at the end of file."""
        requests = list[Invocation]()
        while not requests:
            count = self._connection.recv_into(self._view[self._filled :])
            if not count:
                return []
            self._filled += count
            requests = self._read()
        return requests

    def _read(self) -> list[Invocation]:
        requests, at, view = list[Invocation](), 0, self._view
        while at + REQUEST.size <= self._filled:
            size, content_type, accept = REQUEST.unpack_from(view, at)
            start = at + REQUEST.size + content_type + accept
            if start + size > self._filled:
                if start + size - at <= _BUFFER or start > self._filled:
                    break
                requests.append(self._large(at, start, size, content_type))
                return requests
            kinds = self._kinds(bytes(view[at + REQUEST.size : start]), content_type)
            requests.append(Invocation(bytes(view[start : start + size]), *kinds))
            at = start + size
        if at:
            rest = bytes(view[at : self._filled])
            view[: len(rest)] = rest
            self._filled = len(rest)
        return requests

    def _large(self, at: int, start: int, size: int, content_type: int) -> Invocation:
        """Read the rest of a body that is larger than the buffer, and so the last that was sent.

        It stays a bytearray, which the readers use as bytes: another copy of megabytes would cost as much as a read.
        """
        body, here = bytearray(size), self._filled - start
        body[:here] = self._view[start : self._filled]
        with memoryview(body) as view:
            while here < size:
                here += self._connection.recv_into(view[here:]) or self._cut(size - here)
        self._filled = 0
        return Invocation(cast("bytes", body), *self._kinds(bytes(self._view[at + REQUEST.size : start]), content_type))

    def _cut(self, missing: int) -> int:
        raise SystemExit(f"The front ended in the middle of a request; {missing} bytes are missing.")

    def _kinds(self, types: bytes, content_type: int) -> tuple[str, str]:
        known = self._types.get((types, content_type))
        if known is None:
            if len(self._types) >= _REMEMBERED:
                self._types.clear()
            known = types[:content_type].decode("latin-1"), types[content_type:].decode("latin-1")
            self._types[types, content_type] = known
        return known


def _together(model: Model, requests: Sequence[Invocation]) -> list[bytes] | None:
    try:
        return list(map(_framed, model.answer_together(requests)))
    except Exception:  # noqa: BLE001 - each is answered alone then, and the one that fails gets the 500
        return None


def _alone(model: Model, request: Invocation) -> bytes:
    try:
        return _framed(model.answer(request))
    except Exception as error:  # noqa: BLE001 - the client gets an answer, and the worker continues
        log.event("request_failed", error=type(error).__name__, bytes=len(request.body))
        return ANSWER.pack(len(_FAILED), 0, 500) + _FAILED


def _framed(answer: Answer) -> bytes:
    whole = response(answer.status, answer.body, answer.content_type)
    return ANSWER.pack(len(whole), answer.rows, answer.status) + whole
