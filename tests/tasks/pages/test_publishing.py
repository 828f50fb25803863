from pathlib import Path

from config import settings
from tasks import clients, storage
from tasks.pages.lifecycle import write_page
from tasks.pages.publishing import publish, replace_file
from tests.tasks.pages.runs import CASE, POINTS, REPORT, a_run, evaluation, references
from tests.use_cases import small_use_case


def test_a_page_is_an_html_object_in_s3_and_a_file_offline(bucket: str) -> None:
    published = publish("student_grades", "run-1", "<p>Jürgen</p>", offline=True)
    bucket_name, key = storage.address(published.uri)
    found = clients.s3().get_object(Bucket=bucket_name, Key=key)
    assert (found["Body"].read().decode(), found["ContentType"]) == ("<p>Jürgen</p>", "text/html; charset=utf-8")
    assert published.path == settings.STATE / "reports" / "student_grades" / "run-1.html"
    assert published.path.read_text(encoding="utf-8") == "<p>Jürgen</p>"


def test_on_aws_a_page_is_in_s3_only(bucket: str) -> None:
    published = publish("student_grades", "run-2", "<p>", offline=False)
    assert published.path is None
    assert storage.get(published.uri) == b"<p>"
    assert not (settings.STATE / "reports" / "student_grades" / "run-2.html").exists()


def test_publishing_again_replaces_the_page(bucket: str) -> None:
    for text in ("first", "second"):
        published = publish("student_grades", "run-3", text, offline=True)
    assert storage.get(published.uri) == b"second"
    assert published.path
    assert published.path.read_text() == "second"
    assert list(published.path.parent.glob("*.part")) == []


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "page.html"
    replace_file(path, "one")
    replace_file(path, "two")
    assert (path.read_text(), [each.name for each in path.parent.iterdir()]) == ("two", ["page.html"])


def test_a_run_knows_where_its_page_is(bucket: str) -> None:
    storage.put_json(f"s3://{bucket}/pages/evaluation.json", {"points": POINTS})
    storage.put_json(f"s3://{bucket}/pages/report.json", REPORT)
    validated = references()["validate"].model_copy(update={"report_uri": f"s3://{bucket}/pages/report.json"})
    run = a_run(evaluate=evaluation(uri=f"s3://{bucket}/pages/evaluation.json"), validate=validated)
    written = write_page.fn(small_use_case(), run)
    assert written.page
    assert written.page_uri
    assert written.page_uri.endswith(f"/{CASE}/runs/{run.run}/page.html")
    page = Path(written.page).read_text(encoding="utf-8")
    assert storage.get(written.page_uri).decode() == page
    assert page.count("data:image/svg+xml;base64,") == 2
    assert written.records == run.records
