-- The four database roles. An administrator runs this once, as a superuser, before the first migration:
--     psql -v ON_ERROR_STOP=1 -v database=mithaq -f scripts/roles.sql postgres
-- The private cluster of a checkout is made with the same file. Set passwords for the two that sign in where
-- connections come over a network: ALTER ROLE mithaq_app PASSWORD '…'.
SELECT 'CREATE ROLE mithaq_owner LOGIN CREATEDB' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mithaq_owner') \gexec
SELECT 'CREATE ROLE mithaq_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mithaq_app') \gexec
SELECT 'CREATE ROLE mithaq_portal NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mithaq_portal') \gexec
SELECT 'CREATE ROLE mithaq_backup LOGIN BYPASSRLS' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mithaq_backup') \gexec
-- A statement whose process was killed ends within seconds, and lets go of what it holds; else it runs to its own end.
ALTER ROLE mithaq_app SET client_connection_check_interval = '5s';
-- The application may step down to the portal's rights, never up.
GRANT mithaq_portal TO mithaq_app;
GRANT pg_read_all_data TO mithaq_backup;
SELECT format('CREATE DATABASE %I OWNER mithaq_owner TEMPLATE template0 ENCODING ''UTF8''', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
