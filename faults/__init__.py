"""The faults harness: runs are killed, artefacts are damaged, processes race, and the
machine is unkind; what comes of it is counted. `python -m faults --help`.
"""
