"""Machine-learning models that read a post (nothing to do with database models)."""
