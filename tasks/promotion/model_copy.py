"""The files of the other environment's model: its archive and its evaluation."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any

from config.errors import MissingInput
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.promotion.model_archive import require_archive
from tasks.promotion.signature import require_signature
from tasks.promotion.source import SourcePackage, reading_there
from tasks.sagemaker import registry
from tasks.signing.models import sign

ARCHIVE, EVALUATION = "model.tar.gz", "evaluation.json"


@dataclass(frozen=True)
class ModelCopy:
    """A verified copy of a model on this machine: its files by name, and the results of its evaluation."""

    files: Mapping[str, IO[bytes]]
    evaluation: Mapping[str, Any]


@contextmanager
def verified_model(use_case: UseCase, source: SourcePackage) -> Iterator[ModelCopy]:
    """Copy the files of a package to temporary files.

    Raises MissingInput when a file is missing, and GateError when the archive is not the registered one, or not for
    the use case as this environment has it, or not signed by its environment.
    """
    wanted = {ARCHIVE: source.model_uri, EVALUATION: source.evaluation_uri}
    with ExitStack() as opened:
        try:
            with reading_there():
                files = {name: opened.enter_context(storage.opened(uri)) for name, uri in wanted.items()}
        except FileNotFoundError as error:
            raise MissingInput(f"{source.arn}: expected the files of the model, found none: {error}") from error
        require_archive(use_case, source.model_uri, files[ARCHIVE], source.facts[registry.MODEL_DIGEST])
        require_signature(source, files[ARCHIVE])
        evaluation = json.load(files[EVALUATION])
        files[EVALUATION].seek(0)
        yield ModelCopy(files, evaluation)


def publish_model(use_case: UseCase, source: SourcePackage, model: ModelCopy) -> str:
    """Publish the files in this environment, signed with its own key, and return their folder. Equal files have the
    same folder."""
    content = {name: digests.of_file(file) for name, file in model.files.items()}
    folder = locations.promoted(use_case.name, digests.of_json([source.arn, content]))
    storage.publish(folder, model.files, {"source": source.arn, "sha256": content})
    sign(f"{folder}/{ARCHIVE}", model.files[ARCHIVE])
    return folder
