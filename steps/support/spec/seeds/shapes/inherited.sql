-- Another table inherits from it.
CREATE TABLE vip_patients (room text) INHERITS (patients);
INSERT INTO vip_patients (id, tenant_id, phone_number, first_name, room) VALUES (90001, 1, '+54-vip', 'Mirtha', 'A');
