"""The command line's groups, one file each; each has `register(commands, city)` (haihe/ops/cli.py says how to add one)."""
