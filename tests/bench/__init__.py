"""Figures against references measured beside them in the same run; programs, not tests."""
