"""The engines there are, by name."""

ENGINES = ("auto", "serial", "process")
