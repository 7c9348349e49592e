"""What a rerun is held against."""
