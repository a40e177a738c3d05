"""The keyword config: read, checked, explained."""
