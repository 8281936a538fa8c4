"""Getting originals back."""
