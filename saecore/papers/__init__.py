"""The papers' own models and SAEs: fetched from the hub, opened by `open_sae`,
measured, and put beside the papers' numbers.
"""
