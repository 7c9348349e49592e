"""What "shared" means: its definitions, its nulls, its thresholds, its exactness."""
