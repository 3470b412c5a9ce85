"""What people and machines read of a run: one collector, and the page, the terminal, GitHub and JUnit made of it."""
