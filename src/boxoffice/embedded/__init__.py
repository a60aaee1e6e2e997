"""PostgreSQL and Valkey from wheels, for one machine: started, kept alive and stopped."""
