"""Hardware only: scanners, printers, drawers, each with its twin. Knows nothing of shops or sales."""
