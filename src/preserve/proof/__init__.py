"""Merkle trees, signed notes: pure, no I/O."""
