"""What makes a process a service: lock, socket, signals, watchdog, logs."""
