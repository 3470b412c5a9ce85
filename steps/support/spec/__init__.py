"""This product: its migrations under acceptance, its seeds, and one module or package for each steps file."""
