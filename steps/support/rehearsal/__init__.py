"""A rehearsal: the scenarios about existing data, on a copy of real data in the throwaway server."""
