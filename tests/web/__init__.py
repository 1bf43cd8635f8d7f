"""The web console: its routes, its gate, its streams and its server."""
