"""What a flow needs around it: the cloud that it talks to, and Prefect's server."""
