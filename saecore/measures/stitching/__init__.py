"""SAE stitching: latents of one SAE put into another."""
