-- Reports stand on the table: a view of all columns, and a materialised one.
CREATE VIEW active_patients AS SELECT * FROM patients WHERE status = 'active';
CREATE MATERIALIZED VIEW patients_by_clinic AS SELECT tenant_id, count(*) FROM patients GROUP BY tenant_id;
