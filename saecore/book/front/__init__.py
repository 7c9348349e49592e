"""Pages and files that are made of stored verdicts: first page, statements, cards."""
