"""One kind of promotion per file."""
