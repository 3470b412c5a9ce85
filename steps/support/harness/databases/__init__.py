"""The databases of a run: prepared once as templates, cloned for every scenario, dropped at its end."""
