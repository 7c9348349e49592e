"""The two subjects of the book: what is known of each before any claim is tried."""
