"""Hostile input: what nobody should send, sent to a real service and to every parser; and what must hold afterwards."""
