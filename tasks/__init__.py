"""One module a stage of the lifecycle; each takes and returns references to data in S3 and knows no other stage."""

from tasks import environment

environment.prepare()  # before a module of this package imports MLflow, Great Expectations or whylogs
