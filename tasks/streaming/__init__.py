"""Reads a stream in micro-batches, each landed in one commit together with the position after it.

The data's path: records of Kafka or Kinesis (`tasks.sources`) → up to `max_records` of them, or those of `max_seconds`
→ typed rows → one commit of the table with the rows and the position (`tasks.landing`) → the next micro-batch.
Nothing else is a checkpoint: a consumer that is killed loses its micro-batch, and the next one begins after the last
commit. So each record lands exactly once.
"""
