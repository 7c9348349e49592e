"""Sections of the page on explanations, beside what decides the claim."""
