"""One report per file."""
