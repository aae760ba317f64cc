"""The logs: contracts, reading, the pilot they are kept in."""
