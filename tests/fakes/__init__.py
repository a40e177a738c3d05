"""Stateful fakes of the platforms, over real sockets. Each also runs by itself: `python -m tests.fakes.hackernews`."""
