"""What one client may take of the server: bytes, requests, seconds."""

HEAD_BYTES_MAX = 64 * 1024
"""All of a request that is no body: its head, the frames of its chunks, and the headers behind them."""
HEADERS_MAX = 100
DRAINED_BYTES_MAX = 1024 * 1024
"""What is still read, and thrown away, of a body that is too large: a client that is sending seldom listens yet."""

PIPELINED_MAX = 64
REQUEST_BYTES_MIN = len(b"GET / HTTP/1.1\r\nHost:\r\n\r\n")
PIECE_BYTES_MAX = PIPELINED_MAX * REQUEST_BYTES_MIN
"""What is parsed at once; the parser cannot be told to stop, so no piece may hold more requests than may wait."""

IDLE_SECONDS_MAX = 75.0
REQUEST_SECONDS_MAX = 10.0
UNREAD_SECONDS_MAX = 30.0
DEAF_SECONDS_MAX = 2.0
NEVER = float("inf")
