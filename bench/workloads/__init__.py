"""What is measured. Each workload takes the context, and answers a section of the report."""
