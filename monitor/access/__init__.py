"""Who may do what: people and their roles, passwords, sessions, tokens, and how often somebody may try."""
