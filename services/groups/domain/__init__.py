"""Groups, their members and their rules. No I/O."""
