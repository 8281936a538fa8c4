"""The one hand on the disk."""
