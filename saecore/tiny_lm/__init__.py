"""How the language model that ships with the package was made."""
