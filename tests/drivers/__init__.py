"""The drivers, each on its twin, on pipes, terminals and sockets."""
