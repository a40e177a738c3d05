"""The replay lab: what a changed config would have made of the posts that are stored. Nothing here writes a row."""
