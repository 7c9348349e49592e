"""What every dictionary is asked: how faithful it is, how its rows lie, and by
chance.
"""
