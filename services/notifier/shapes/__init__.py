"""What clients are told. Shapes only: dictionaries of these types are what is sent."""
