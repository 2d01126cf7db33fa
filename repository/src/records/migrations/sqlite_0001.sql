-- Times are milliseconds since 1970 (UTC); truth values are 0 and 1; digests are lower-case hexadecimal.
CREATE TABLE subscriptions (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  approved INTEGER NOT NULL,
  -- NULL: the server's own quota.
  version_quota INTEGER,
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE certificates (
  subscription TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  sha1 TEXT NOT NULL,
  der BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (subscription, sha256)
) STRICT;
CREATE INDEX certificates_by_digest ON certificates (sha256);

-- A namespace belongs to the subscription that used it first.
CREATE TABLE namespaces (
  name TEXT PRIMARY KEY NOT NULL,
  subscription TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE versions (
  id TEXT PRIMARY KEY NOT NULL,
  namespace TEXT NOT NULL,
  type TEXT NOT NULL,
  version TEXT NOT NULL,
  -- Four numbers of ten digits: 1.2 and 1.2.0.0 are one version, and text order is the order of versions.
  version_key TEXT NOT NULL,
  subscription TEXT NOT NULL,
  definition TEXT NOT NULL,
  package_sha256 TEXT NOT NULL,
  package_size INTEGER NOT NULL,
  visibility TEXT NOT NULL,
  -- NULL: none yet; empty: all; else names with semicolons between them.
  regions TEXT,
  state TEXT NOT NULL,
  published_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  asks TEXT,
  UNIQUE (namespace, type, version_key)
) STRICT;
CREATE INDEX versions_by_subscription ON versions (subscription);
CREATE INDEX versions_by_package ON versions (package_sha256);

CREATE TABLE region_states (
  version TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,
  error TEXT,
  changed_ms INTEGER NOT NULL,
  PRIMARY KEY (version, region)
) STRICT;
CREATE INDEX region_states_open ON region_states (not_before_ms) WHERE status <> 'Completed';

CREATE TABLE operations (
  id TEXT PRIMARY KEY NOT NULL,
  subscription TEXT NOT NULL,
  kind TEXT NOT NULL,
  namespace TEXT NOT NULL,
  type TEXT NOT NULL,
  version TEXT NOT NULL,
  payload TEXT NOT NULL,
  -- Of the body: by it the same request is known when it comes again.
  request_sha256 TEXT NOT NULL,
  caller_ip TEXT NOT NULL,
  thumbprint TEXT NOT NULL,
  step TEXT NOT NULL,
  status TEXT NOT NULL,
  http_status INTEGER,
  error_code TEXT,
  error_message TEXT,
  created_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  attempts INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,
  lease_owner TEXT,
  lease_until_ms INTEGER NOT NULL
) STRICT;
-- What makes a second operation on one extension a conflict, whoever is quicker.
CREATE UNIQUE INDEX operations_running ON operations (namespace, type) WHERE status = 'InProgress';
CREATE INDEX operations_by_subscription ON operations (subscription, created_ms, id);

CREATE TABLE blobs (
  name TEXT PRIMARY KEY NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  subscription TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX blobs_by_digest ON blobs (sha256);

CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  subscription TEXT NOT NULL,
  actor TEXT NOT NULL,
  caller_ip TEXT NOT NULL,
  request_id TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL
) STRICT;

-- What one server at a time may do, by name; what is counted across all servers.
CREATE TABLE locks (
  name TEXT PRIMARY KEY NOT NULL,
  owner TEXT NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE counters (
  name TEXT PRIMARY KEY NOT NULL,
  value INTEGER NOT NULL
) STRICT;

-- Under which HOST:PORT servers are reached: a MediaLink that leads there is an upload.
CREATE TABLE addresses (
  authority TEXT PRIMARY KEY NOT NULL,
  seen_ms INTEGER NOT NULL
) STRICT;
