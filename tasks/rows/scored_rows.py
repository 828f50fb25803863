"""The columns of scored rows: rows of live requests that a model has answered."""

import pyarrow as pa

from config.use_case import UseCase
from tasks.model_contract import STORED
from tasks.rows.answer_columns import answer_types
from tasks.rows.stored_rows import schema_of

EVENT, INFERENCE, ROW, TIME = "event_id", "inference_id", "row", "time"
"""The id of the captured request, the InferenceId of the caller or null, the row's number in the request, when it was
answered. (`inference_id`, `row`) identifies a prediction, (`event_id`, `row`) where there is no inference id."""
IDENTITY = pa.schema(
    [
        pa.field(EVENT, pa.string()),
        pa.field(INFERENCE, pa.string()),
        pa.field(ROW, pa.int32()),
        pa.field(TIME, pa.timestamp("us", "UTC")),
    ]
)


def schema(use_case: UseCase) -> pa.Schema:
    """Return the schema of scored rows: identity, the columns of requests, the columns of answers."""
    own = {name: STORED[use_case.split_columns[name].type] for name in use_case.request_columns}
    return pa.schema([*IDENTITY, *schema_of({**own, **answer_types(use_case)}).remove_metadata()])
