"""Answering: drafts from templates, the lint before sending, holding replies, playbooks, a second pair of eyes."""
