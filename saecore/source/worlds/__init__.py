"""Worlds with known truth: features that fire by stated rules."""
