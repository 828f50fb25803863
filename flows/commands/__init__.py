"""The command `vishwaops`, with a module for each group of subcommands."""
