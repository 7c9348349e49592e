"""A claim, the rule by which it is judged, and the card that shows the verdict."""
