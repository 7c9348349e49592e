"""Mathematics alone: no paper's definition lives here, and no sibling is known here."""
