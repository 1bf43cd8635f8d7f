"""Pure values and rules: no clock, no randomness, no I/O, no floats."""
