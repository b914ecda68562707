"""Who may do what, and who is refused it: one table, which tests try out and `make access` writes
down as docs/security/access.md."""
