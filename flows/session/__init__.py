"""The environment of a flow: the connection to the cloud, Prefect's server, and signals."""
