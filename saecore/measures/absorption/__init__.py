"""Feature absorption: cases, rates, metrics, and what truly happened."""
