"""Model servers that ours is measured beside, each started as a process of its own."""
