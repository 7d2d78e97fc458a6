"""The command line, a file a group of commands: load, call, show; holds no logic."""
