"""What people and machines read of a run: the HTML report, the terminal, GitHub, JUnit, the step catalogue."""
