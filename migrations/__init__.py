"""The numbered steps of the schema, and what they share (`schema`)."""
