"""Notes on pages: what a model could not be asked, and where its SAEs came from."""
