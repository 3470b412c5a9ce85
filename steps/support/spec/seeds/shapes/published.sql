-- Its changes are replicated to another system.
CREATE PUBLICATION all_patients FOR TABLE patients;
