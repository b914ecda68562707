"""PostgreSQL 14 to 18: the pool of a running service, and the jobs that prepare its database."""
