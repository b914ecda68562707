"""What the notifier does: each verb is one transaction, and knows neither HTTP nor AMQP."""
