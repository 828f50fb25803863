"""Client tokens: of several calls with one token only the first has an effect, and all get its answer."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from sagemaker_local import service_model, strict_json
from sagemaker_local.clock import Clock
from sagemaker_local.errors import ConflictException
from sagemaker_local.store import Store

LIFETIME = 8 * 3600.0
"""Seconds for which a token is known. AWS documents it for other services only: Lookout for Vision has 8 hours."""
_LOCKS = 64
_MAKES = ("Create", "Start")
# They start nothing, so that one transaction holds the change and its token: a kill leaves both or neither.
_ONLY_STORED = ("CreateModelPackage", "UpdateModelPackage")

Answer = dict[str, Any]


class ClientTokens:
    """The tokens of past calls, in the store. Methods may be called from any thread."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def once(self, action: str, request: dict[str, Any], work: Callable[[], Answer]) -> Answer:
        """The answer to a checked request: the earlier answer if its token is known, else what `work` returns.

        A call that failed may be repeated, and so may one whose resource was deleted.

        Raises:
            ConflictException: the token is that of a call with other parameters. It is the error that the service
                model lists for these actions; AWS does not document its message.
        """
        member = service_model.token_member(action)
        token = request.get(member) if member else None
        if not (member and token):
            return work()
        digest = _digest({name: value for name, value in request.items() if name != member})
        with self._locks[hash((action, token)) % _LOCKS]:
            if (earlier := self._known(action, token)) is None:
                with self._store.exclusively() if action in _ONLY_STORED else nullcontext():
                    return self._save(action, token, digest, work())
        if earlier[0] != digest:
            raise ConflictException(
                f"{member} {token} was used by an earlier {action} with other parameters. Use a new token."
            )
        return earlier[1]

    def _known(self, action: str, token: str) -> tuple[str, Answer] | None:
        earlier = self._store.answered(action, token, self._clock.now() - LIFETIME)
        if earlier and action.startswith(_MAKES):
            arns = [value for name, value in earlier[1].items() if name.endswith("Arn")]
            return earlier if all(map(self._store.by_arn, arns)) else None
        return earlier

    def _save(self, action: str, token: str, digest: str, answer: Answer) -> Answer:
        now = self._clock.now()
        self._store.delete_answers(now - LIFETIME)
        self._store.save_answer(action, token, digest, answer, now)
        return answer


def _digest(request: dict[str, Any]) -> str:
    return hashlib.sha256(strict_json.dumps(request, sort_keys=True).encode()).hexdigest()
