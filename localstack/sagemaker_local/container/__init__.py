"""The code that runs inside a job or an endpoint, in place of AWS's toolkits. Imports nothing of the server."""
