"""From notebooks to the book: executed, compared, built, and checked."""
