-- A publisher's list is read page by page, in its order.
CREATE INDEX versions_in_order ON versions (subscription, namespace, type, version_key);
DROP INDEX versions_by_subscription;

-- Hosts call `A.B` with type `C` and `A` with type `B.C` the same.
CREATE INDEX versions_by_handler ON versions ((namespace || '.' || type));
DROP INDEX operations_running;
CREATE UNIQUE INDEX operations_running ON operations ((namespace || '.' || type)) WHERE status = 'InProgress';

-- Packages of uploads that were forgotten: to be taken away, unless something else has the same bytes.
CREATE TABLE leftovers (
  sha256 TEXT PRIMARY KEY NOT NULL,
  since_ms BIGINT NOT NULL
);
