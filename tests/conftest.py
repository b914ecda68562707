"""Fixtures for all tests; they start nothing until a test asks for them."""

pytest_plugins = (
    "tests.fixtures.node",
    "tests.fixtures.postgres",
    "tests.fixtures.rabbitmq",
    "tests.fixtures.services",
    "tests.fixtures.spans",
    "tests.fixtures.stack",
    "tests.sharing",
)
