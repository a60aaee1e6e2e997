"""What is for sale: ticket types, events and their dates. It changes rarely, each change in one transaction."""
