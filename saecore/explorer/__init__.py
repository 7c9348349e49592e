"""The explorer of latents: what it shows of each, and the page that shows it."""
