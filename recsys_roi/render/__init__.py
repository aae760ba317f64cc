"""Charts, words and files made from a review."""
