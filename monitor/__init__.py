"""complaint-monitor: hears public complaints and queues the urgent ones for a human reply."""

__version__ = "0.1.0"
