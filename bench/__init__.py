"""What preserve costs, measured beside its peers. `python -m bench --help`; docs/BENCH.md explains each row."""
