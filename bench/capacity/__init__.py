"""The capacity model: what a hold costs in each part, measured, fitted, simulated, and held to what was measured."""
