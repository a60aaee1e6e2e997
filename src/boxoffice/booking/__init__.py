"""The truth: the only place that sells. Postgres alone decides; nothing here knows of Redis or of any cache."""
