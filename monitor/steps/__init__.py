"""The six steps: poll, triage, follow, escalate, digest, deliver."""
