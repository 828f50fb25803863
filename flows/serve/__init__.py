"""What `vishwaops serve` starts on one machine: the offline cloud, a Prefect server, its deployments and a worker."""
