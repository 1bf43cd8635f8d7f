"""Pictures of the pages, for eyes: taken by `python -m tests.look.take`."""
