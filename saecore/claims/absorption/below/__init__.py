"""The pages below the claim: other definitions, edits of words, other parents."""
