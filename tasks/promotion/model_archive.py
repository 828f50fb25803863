"""Checks of the model.tar.gz of another environment. Nothing in it is run or unpickled."""

import json
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from config.errors import GateError
from config.use_case import UseCase
from tabular.contract import FILE as CONTRACT_FILE
from tabular.contract import Contract
from tabular.model_files import BASELINE_FILE, MODEL_FILE
from tasks import digests
from tasks.model_contract import contract
from tasks.signing.archive import require_registered

SERVED = (MODEL_FILE, BASELINE_FILE, CONTRACT_FILE, "code/inference.py", "code/requirements.txt")
WHEELS = "code/wheels/"
MAY_DIFFER = ("primary", "seed")
"""Fields of the contract that decide how models are chosen, not what a request and an answer look like."""
LARGEST_CONTRACT = 1 << 20
"""Bytes."""


def require_archive(use_case: UseCase, uri: str, file: IO[bytes], digest: str) -> None:
    """Raise GateError unless the archive has this digest, all parts that an endpoint needs, and the contract of the
    use case as this environment has it: target, classes and features."""
    require_registered(uri, digests.of_file(file), digest)
    names, terms = _contents(uri, file)
    if missing := [name for name in SERVED if name not in names]:
        raise GateError(f"{uri}: expected {', '.join(missing)} in the archive, found {', '.join(sorted(names)[:10])}")
    if not any(name.startswith(WHEELS) and name.endswith(".whl") for name in names):
        raise GateError(
            f"{uri}: expected the wheels of its requirements in {WHEELS}, found none: the endpoint would need a "
            "package index. Train it again there with this version of VishwaOps"
        )
    if differences := list(_differences(contract(use_case), terms)):
        raise GateError(
            f"{uri}: expected the contract of config/use_cases/{use_case.name}.yaml in this environment; found "
            f"{'; '.join(differences)}. Use the same version of the file in both environments, and train again"
        )


def _contents(uri: str, file: IO[bytes]) -> tuple[set[str], Contract]:
    """The names of the files in the archive, and its contract."""
    try:
        with tarfile.open(fileobj=file, mode="r:gz") as tar:
            members = {member.name.removeprefix("./"): member for member in tar if member.isfile()}
            found = members.get(CONTRACT_FILE)
            content = tar.extractfile(found) if found and found.size <= LARGEST_CONTRACT else None
            terms = _contract(content.read() if content else b"")
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise GateError(f"{uri}: expected a model.tar.gz with a {CONTRACT_FILE}, found none: {error}") from error
    finally:
        file.seek(0)
    return set(members), terms


def _contract(content: bytes) -> Contract:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / CONTRACT_FILE).write_bytes(content)
        return Contract.read(Path(folder))


def _differences(own: Contract, found: Contract) -> Iterator[str]:
    ours, theirs = json.loads(own.json()), json.loads(found.json())
    own_features, features = ({each["name"]: each for each in terms.pop("features")} for terms in (ours, theirs))
    yield from _changed("", ours, theirs)
    if list(own_features) != list(features):
        yield f"features {', '.join(features)} instead of {', '.join(own_features)}"
    for name in own_features.keys() & features.keys():
        yield from _changed(f"feature {name}: ", own_features[name], features[name])


def _changed(whose: str, own: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for name, value in own.items():
        if name not in MAY_DIFFER and found[name] != value:
            yield f"{whose}{name} {found[name]!r} instead of {value!r}"
