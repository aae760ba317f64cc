"""From figures to a decision, with reasons and risks."""
