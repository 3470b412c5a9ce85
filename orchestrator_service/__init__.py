"""The orchestrator service's package; this project ships its database layer."""
