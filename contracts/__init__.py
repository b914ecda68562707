"""What Circles promises to those outside, as documents of the field's standards: OpenAPI for HTTP,
AsyncAPI for events, and a page to read. Made from the doors and facts that serve; nobody imports
this."""
