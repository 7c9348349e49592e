"""One SAE whose latents are spread over several devices (tensor parallelism)."""
