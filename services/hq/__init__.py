"""The reference HQ consumer: its own process, its own database."""
