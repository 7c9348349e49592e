"""More than one machine: sweeps, the jobs they fall into, and what sizes cost."""
