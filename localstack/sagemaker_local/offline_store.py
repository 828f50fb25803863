"""The offline store: Parquet files in S3, partitioned by the hour of the event time, in AWS's layout."""

from __future__ import annotations

import io
import secrets
import string
from datetime import UTC, datetime
from typing import Any

from sagemaker_local import aws
from sagemaker_local.feature_values import definitions_of, typed
from sagemaker_local.online_store import PendingRow
from sagemaker_local.s3 import split_uri

_ALPHANUMERIC = string.ascii_letters + string.digits


def write(group: dict[str, Any], rows: list[PendingRow], region: str, now: float) -> None:
    """Writes rows as one Parquet file for each hour of their event times.

    Raises:
        Exception: S3 refused them; files of other hours may have been written.
    """
    bucket, prefix = split_uri(group["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"])
    hours: dict[str, list[PendingRow]] = {}
    for row in rows:
        hours.setdefault(_partition(row.event_time), []).append(row)
    for partition, of_hour in hours.items():
        body = _parquet(group, of_hour, now)
        aws.client("s3", region).put_object(Bucket=bucket, Key=f"{prefix}/{partition}/{_name(of_hour)}", Body=body)


def resolved_uri(s3_uri: str, account: str, region: str, table: str) -> str:
    """`ResolvedOutputS3Uri`; `table` is the group's name and the seconds of its creation."""
    return f"{s3_uri.rstrip('/')}/{account}/sagemaker/{region}/offline-store/{table}/data"


def _partition(event_time: float) -> str:
    return datetime.fromtimestamp(event_time, UTC).strftime("year=%Y/month=%m/day=%d/hour=%H")


def _name(rows: list[PendingRow]) -> str:
    latest = datetime.fromtimestamp(max(row.event_time for row in rows), UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{latest}_{''.join(secrets.choice(_ALPHANUMERIC) for _ in range(16))}.parquet"


def _parquet(group: dict[str, Any], rows: list[PendingRow], now: float) -> bytes:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    plain = {"Integral": arrow.int64(), "Fractional": arrow.float64(), "String": arrow.string()}
    fields, columns = [], []
    for name, definition in definitions_of(group).items():
        kind = plain[definition["FeatureType"]]
        fields.append(arrow.field(name, arrow.list_(kind) if definition.get("CollectionType") else kind))
        columns.append([typed(definition, row.values.get(name)) for row in rows])
    moment = arrow.timestamp("ms")
    fields += [arrow.field("write_time", moment), arrow.field("api_invocation_time", moment)]
    fields += [arrow.field("is_deleted", arrow.bool_())]
    columns += [[_utc(now)] * len(rows), [_utc(row.invoked) for row in rows], [row.deleted for row in rows]]
    schema = arrow.schema(fields)
    arrays = [arrow.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    file = io.BytesIO()
    parquet.write_table(arrow.Table.from_arrays(arrays, schema=schema), file)
    return file.getvalue()


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
