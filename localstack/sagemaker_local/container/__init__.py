"""What runs inside a job or an endpoint: our equivalent of AWS's toolkits. Imports nothing of the server."""
