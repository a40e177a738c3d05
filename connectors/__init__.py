"""One connector per platform: fetches public posts as mentions."""
