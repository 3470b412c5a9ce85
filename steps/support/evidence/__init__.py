"""Evidence that nothing was lost: what the tables held and how they were made, before and after."""
