"""Groups as chat knows them, messages, receipts and notices, and their rules. No I/O."""
