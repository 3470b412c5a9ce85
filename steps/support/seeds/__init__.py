"""The clinics and patients a scenario finds when it begins: the same on every run, awkward on purpose."""
