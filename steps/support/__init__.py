"""What the steps stand on: a harness that accepts any migration of any table, and this product on it."""
