"""Live traffic by hour: collected from captured requests, profiled, and read over any span of time."""
