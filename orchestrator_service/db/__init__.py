"""Models and settings of the orchestrator's database."""
