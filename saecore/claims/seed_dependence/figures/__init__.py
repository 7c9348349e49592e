"""Pictures of the claim on seeds, one file for each page."""
