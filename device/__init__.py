"""The top of the graph: this box, its settings, its processes."""

VERSION = "0.1.0"  # of the firmware
