"""Answering: drafts from templates, the lint before sending, holding replies, playbooks, and who has to look at a text."""
