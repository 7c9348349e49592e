"""What metrics of absorption find where the truth is known."""
