"""One function, one statement. Each takes a connection first; none begins or commits."""
