"""How faithful the SAEs of the book are: to rows, loss, and known features."""
