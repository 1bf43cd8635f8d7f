"""The top of the graph: this box, its settings, its processes."""
