"""Receivers: how a sealed message leaves."""
