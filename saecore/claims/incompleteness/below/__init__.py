"""The pages below the claim: families, walks, proxies, and one width for all tasks."""
