"""Where events come in: `translations` says who is told what, `batches` stores it and pushes it."""
