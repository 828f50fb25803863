"""The live traffic of an endpoint: captured requests, profiled and scored by hour."""
