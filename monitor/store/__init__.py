"""Where everything is kept: the protocol and its implementation on SQLite."""
