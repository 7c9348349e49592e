"""One folder per claim: which SAEs it asks for, and its study."""
