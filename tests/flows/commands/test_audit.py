"""`vishwaops audit` and `vishwaops sign`, with a separate use case in a YAML file."""

import shutil

import pytest
import yaml

from config import settings
from config.use_case import UseCase
from tasks import audit, champion, locations, storage
from tasks.audit.entries import decode
from tasks.audit.tiles import CHECKPOINT, bundle_path
from tasks.signing.models import SIGNATURE, beside, require_signed
from tests.flows.conftest import Command
from tests.tasks.audit.logs import root_of_proof
from tests.tasks.releases import new_release, new_use_case


@pytest.fixture(scope="module")
def case(prefect: str) -> UseCase:
    """A use case with a champion, so with three entries in its audit log."""
    case = new_use_case()
    new_release(case, 0.8)
    return case


@pytest.fixture(scope="module")
def file(case: UseCase, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The use case's YAML file."""
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    path.write_text(yaml.safe_dump(case.model_dump(mode="json", exclude_none=True, exclude_defaults=True)))
    return str(path)


def test_show_prints_who_did_what_when_and_why(file: str, command: Command) -> None:
    status, output = command("audit", "show", "--use-case", file, "--last", "2")
    lines = [line for line in output.splitlines() if line.strip()]
    assert status == 0
    assert "register" not in [line.split()[4] for line in lines[1:] if line[:1].isdigit()]
    assert "reason passes every gate" in " ".join(output.split())


def test_a_proof_of_the_command_verifies_without_vishwaops(file: str, command: Command) -> None:
    status, output = command("audit", "prove", "1", "--use-case", file)
    assert status == 0
    found, wanted = root_of_proof(output[output.index("c2sp.org/tlog-proof@v1") :])
    assert found == wanted
    assert command("audit", "prove", "99", "--use-case", file)[0] == 1


def test_verify_names_a_changed_entry_and_ends_with_1(case: UseCase, file: str, command: Command) -> None:
    folder = locations.audit(case.name)
    status, output = command("audit", "verify", "--use-case", file)
    assert (status, "3 entries, all as they were signed" in output) == (0, True)
    assert f"key: {folder.removeprefix('s3://')}+" in output
    kept = settings.STATE / "audit" / "offline" / folder.removeprefix("s3://") / CHECKPOINT
    assert kept.read_bytes() == storage.get(f"{folder}/{CHECKPOINT}")
    uri = f"{folder}/{bundle_path(0, 3)}"
    content = storage.get(uri)
    storage.put(uri, content.replace(b'"action":"approve"', b'"action":"promote"'))
    status, output = command("audit", "verify", "--use-case", file)
    assert (status, "entry 1 is changed" in output) == (1, True)
    storage.put(uri, content)
    assert command("audit", "verify", "--use-case", file, "--checkpoint", str(kept))[0] == 0
    shutil.copy(file, kept)
    assert "expected a signed checkpoint" in command("audit", "verify", "--use-case", file)[1]
    kept.unlink()


def test_a_person_signs_a_version_that_was_registered_without_a_signature(
    case: UseCase, file: str, command: Command
) -> None:
    model = champion.read(case)
    assert model
    storage.delete([beside(model.model_uri, SIGNATURE)])
    arguments = ("sign", "--use-case", file, "--version", "1", "--reason", "trained here in May")
    status, output = command(*arguments)
    assert (status, "version 1 is signed, 1 files" in output) == (0, True)
    require_signed(model)
    assert command(*arguments)[0] == 0
    last = decode(audit.log_of(case.name).read().entries[-1])
    assert (last["number"], last["action"], last["facts"]["reason"]) == (3, "sign", "trained here in May")
    assert "found no version 9" in command("sign", "--use-case", file, "--version", "9", "--reason", "x")[1]


def test_a_version_whose_archive_was_replaced_is_not_signed(case: UseCase, file: str, command: Command) -> None:
    model = champion.read(case)
    assert model
    content = storage.get(model.model_uri)
    storage.put(model.model_uri, b"another archive")
    status, output = command("sign", "--use-case", file, "--version", "1", "--reason", "x")
    assert (status, "expected the archive that was registered" in output) == (1, True)
    storage.put(model.model_uri, content)
