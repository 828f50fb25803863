"""Live traffic compared with the training of the model: drift by span and day, quality, and the report of a run.

comparison  a span of hours against the reference profile of the version that answered
history     what earlier runs have found of each day and week
quality     figures measured with ground truth, and estimated ones
reports     the stored report of a run
one_run     one run at a time for each use case
"""
