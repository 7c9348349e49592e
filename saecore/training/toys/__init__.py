"""Training of toy SAEs: many at a time, plain or compiled."""
