"""The parts of an audit, one file for each: SAEs in, numbers with nulls out."""
