"""What clinics feel while a migration waits for its table: this script beside what else people run."""
