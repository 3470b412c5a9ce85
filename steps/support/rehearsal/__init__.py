"""A rehearsal: a copy of real data, restored by a role without rights, on which the migration is run and judged."""
