"""Work that is done once and ends: one job per file."""
