"""One module per stage. A stage takes and returns references to data in S3. It imports no other stage."""

from tasks import environment

environment.prepare()  # before a module of this package imports MLflow, Great Expectations or whylogs
