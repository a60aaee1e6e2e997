"""HTTP/1.1 on the event loop itself: connections in, whole requests out, and their answers back."""
