"""What can be derived from the manifest and rebuilt at any time."""
