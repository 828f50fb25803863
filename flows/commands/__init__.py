"""The command `vishwaops`: a module for each group of subcommands."""
