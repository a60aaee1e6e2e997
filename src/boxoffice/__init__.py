"""Boxoffice sells tickets for dates of events to far more buyers than there are tickets, all at the same moment."""
