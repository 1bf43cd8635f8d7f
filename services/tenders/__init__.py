"""One payment method per file."""
