-- Its changes are replicated to another system.
CREATE PUBLICATION all_rows FOR TABLE $table;
