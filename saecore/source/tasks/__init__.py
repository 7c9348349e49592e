"""Questions with known answers, put to a language model."""
