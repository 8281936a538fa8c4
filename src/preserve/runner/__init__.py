"""Plans what is due and drains it."""
