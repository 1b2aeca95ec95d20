"""The commands of `python -m renders`, one module each, loaded only when asked for."""
