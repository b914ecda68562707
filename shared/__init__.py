"""What the three services have in common, and nothing that only one of them needs.

`shared` knows no service: it holds the event contracts, the outbox, and thin homes for RabbitMQ,
PostgreSQL and HTTP. A thing enters when two services use it and one noun names it.
"""
