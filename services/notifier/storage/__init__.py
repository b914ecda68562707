"""The notifier's tables: one function, one statement. Never begins or commits a transaction."""
