"""Pipeline definitions of version 2020-12-01: what they may say, what it means, and in which order it runs."""
