"""Reports: the figures of a span, each with what it means, how many it rests on, and how many are unknown."""
