"""Thin pages and API: parse, call one flow, answer."""
