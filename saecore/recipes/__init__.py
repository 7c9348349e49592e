"""Recipes: what can be asked of the zoo. Each says what it rests on."""
