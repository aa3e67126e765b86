"""The course's tests; `python -m pytest` runs them all."""
