"""The part of the lifecycle that runs where the model is: typed columns, pipelines, metrics, artefacts."""
