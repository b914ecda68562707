"""One verb, one transaction, one fact. Actions know neither HTTP nor AMQP."""
