"""The only place that knows SQL: functions over one SQLite file."""
