"""Chat's rules, without I/O."""
