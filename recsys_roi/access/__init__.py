"""Who may do what: how people sign in, their roles in a pilot, and which pilots they see."""
