"""The code that runs in SageMaker's containers: typed columns, pipelines, metrics, artefacts."""
