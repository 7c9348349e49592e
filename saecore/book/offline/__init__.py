"""The book without a network: the site as one archive, and as one PDF."""
