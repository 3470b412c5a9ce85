"""Figures side by side with the alternatives, each by the command in its module's first line."""
