-- Spreads the tables of an InfraMind database over the nodes of a Citus cluster (Citus 10.2 or newer).
--
--   inframind-server migrate --database-url postgresql://…
--   psql --set ON_ERROR_STOP=1 --file deploy/sql/citus.sql postgresql://…
--
-- Run it on the coordinator, as the owner of the tables, while no server runs; the extension and the nodes
-- (citus_set_coordinator_host, citus_add_node) come first. Run it again after every upgrade, and after it stopped
-- half-way: what is placed already is left as it is. Each statement is a transaction of its own, for Citus copies the
-- rows.
--
-- STATE: the placement and the statements below follow Citus' documented rules, and the placement is checked against the
-- schema by a test, but neither was run on Citus itself. Native partitions over postgres_fdw run the whole conformance
-- suite.

-- Every server connects to the coordinator. Writers take turns by an advisory lock, and such a lock is of one node: a
-- server that connects to a worker would not see it.

-- A transaction of ours touches many tables of many tenants. One connection per node for all of it means that each
-- statement sees what those before it did, and that it never fails for having touched a shard through another
-- connection.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET citus.multi_shard_modify_mode = ''sequential''', current_database());
END $$;

-- Distributed by tenant. All of a tenant's rows hash to one shard of each table, and co-located shards live on one
-- node: joins, foreign keys and transactions of one tenant stay there. Citus asks that each primary key, unique index
-- and foreign key of a distributed table contains the distribution column; tenant_id leads all of ours, the partial
-- unique indexes (runs_to_learn, active_models) included.
--
-- `tenants` is no reference table, though others refer to it: its row changes with nearly every write, and a
-- reference table is written on every node. It goes first: Citus distributes a table that local tables refer to, but
-- not one that refers to a local table.
SELECT create_distributed_table('tenants', 'tenant_id')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'tenants'::regclass);

SELECT create_distributed_table('runs', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'runs'::regclass);

-- After `runs`, which these two refer to.
SELECT create_distributed_table('steps', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'steps'::regclass);

SELECT create_distributed_table('step_observations', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'step_observations'::regclass);

SELECT create_distributed_table('lessons', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'lessons'::regclass);

SELECT create_distributed_table('recommendations', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'recommendations'::regclass);

SELECT create_distributed_table('models', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'models'::regclass);

SELECT create_distributed_table('events', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'events'::regclass);

SELECT create_distributed_table('deliveries', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'deliveries'::regclass);

SELECT create_distributed_table('oom_kills', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'oom_kills'::regclass);

SELECT create_distributed_table('pipelines', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'pipelines'::regclass);

SELECT create_distributed_table('usage_weeks', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'usage_weeks'::regclass);

SELECT create_distributed_table('retention_marks', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'retention_marks'::regclass);

SELECT create_distributed_table('audit_log', 'tenant_id', colocate_with => 'tenants')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'audit_log'::regclass);

-- A reference table, a copy on every node. A token is found by its digest before it is known whose it is, and the
-- digest is unique across tenants: a unique index without tenant_id, which Citus refuses on a distributed table. The
-- table is small, read with every request, and written when an administrator makes or ends a token. It refers to no
-- other table, as a reference table may not refer to a distributed one.
SELECT create_reference_table('access_tokens')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'access_tokens'::regclass);

-- `schema_migrations` stays a table of the coordinator: servers read it there and join it with nothing.

-- What goes to one node: every SELECT and UPDATE that names a tenant, for it says `tenant_id = $n` of each table it
-- reads; the single-row INSERTs, ON CONFLICT DO NOTHING and RETURNING included. Savepoints work. A transaction over
-- several nodes commits in two phases.
--
-- What goes to every node, by intention: the list of tenants and their counts, the list of notifications that are due,
-- and the reads of `copy` and `backup`.
--
-- What goes to every node and should not: the ends of several steps, UPDATE steps ... FROM (VALUES ...). The tenant
-- is in the list of values, where Citus does not look (citusdata/citus#2409): a multi-shard modification, correct,
-- and slower the more shards there are. The change: one statement per tenant of the group, with `steps.tenant_id =
-- $1`.
--
-- What to know:
-- 1. The numbers of rows are taken first (UPDATE tenants ... RETURNING) and passed as parameters, for Citus knows no
--    subqueries in INSERT ... VALUES; it splits the rows of a multi-row INSERT by shard itself. The ends of runs,
--    UPDATE runs ... FROM (VALUES ...), go to every node as those of steps do.
-- 2. A read sees each statement's moment, not one moment for all: the coordinator begins transactions on the nodes as
--    READ COMMITTED. A run may come with a step that ended a moment later. `copy` and `backup` need that no server
--    writes.
-- 3. A migration that makes a table with REFERENCES to one of those above: the new table is local until this file
--    runs, and Citus refuses foreign keys from local to distributed tables. Such a migration must do without
--    REFERENCES.
