"""RabbitMQ 3.10 to 4.x: the topology, publishing with confirms, and supervised consumption.

The only home of aio_pika. Connections are plain, not robust: a supervised task that opens its
connection, works, and fails as a whole is restarted as a whole, so that nothing can come back half.
"""
