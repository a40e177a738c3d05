"""Periodic summaries."""
