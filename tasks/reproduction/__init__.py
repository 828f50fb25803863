"""Trains a registered version again from its record, and compares the result with the record.

record      the package's jobs, as SageMaker describes them
parts       which parts of the record are missing or changed
jobs        the same training and evaluation jobs again
comparison  the figures and files of both
repeat      all of it in order, and the entry in the audit log
"""
