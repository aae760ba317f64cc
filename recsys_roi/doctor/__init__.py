"""Is everything that is kept whole, private and readable, and what to do where it is not."""
