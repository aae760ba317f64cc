"""Evidence: rows counted once into sums that everything else reads."""
