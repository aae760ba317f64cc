"""The review: the one value that every page, export and command shows."""
