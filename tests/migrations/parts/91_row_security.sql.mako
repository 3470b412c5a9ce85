<%inherit file="/engine.sql.mako"/>\
<%def name="title()">row security on tenants and appointments</%def>\
<%def name="subject()">tenants and appointments</%def>\
<%def name="about()">\
${wrapped("What it does", "Turns row security on where it is off.")}\
</%def>\
<%def name="tables()">'{tenants,appointments}'::text[]</%def>\
<%def name="compare()">\
      SELECT array_agg(format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', oid::regclass)) AS statements,
             'row security on ' || string_agg(oid::regclass::text, ', ') AS summary
        INTO plan FROM unnest(tables.oids) k(oid) JOIN pg_class c USING (oid) WHERE NOT c.relrowsecurity HAVING count(*) > 0;
</%def>\
