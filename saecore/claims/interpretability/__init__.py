"""SAE latents are easier to explain than other directions."""
