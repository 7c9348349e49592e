"""SAEs that differ only in their seed find different features."""
