"""The log of progress lines: one line per step, with its main figure."""

import logging

log = logging.getLogger("vishwaops")
log.setLevel(logging.INFO)

CHATTY = ("sagemaker.config", "mlflow.store.db.utils", "great_expectations.data_context.types.base")
"""Libraries that set their own level to INFO when they are imported."""

for name in CHATTY:
    logging.getLogger(name).addFilter(lambda record: record.levelno >= logging.WARNING)
