"""The chat service on real PostgreSQL and RabbitMQ, beside the real groups service."""
