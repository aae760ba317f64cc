"""From lift to money."""
