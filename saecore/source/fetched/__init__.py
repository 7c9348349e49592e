"""What comes from elsewhere: a language model in a GGUF file, and English text."""
