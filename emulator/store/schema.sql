-- One file holds one sandbox. Times are milliseconds of sandbox time since 1970, 0 where there is none.
-- seq numbers come from one sequence for all tables, so they order everything that happened in the file.
-- user_version and application_id are set by the program in the same transaction.

CREATE TABLE state (
  id    INTEGER PRIMARY KEY CHECK (id = 1), -- the only row
  seq   INTEGER NOT NULL,                   -- last number handed out by the sequence
  ready INTEGER NOT NULL,                   -- 1 once the first fill is complete
  draws INTEGER NOT NULL DEFAULT 0          -- how often randomness was drawn: ids do not depend on other rows
) STRICT;

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,                   -- name of the setting
  value TEXT NOT NULL                       -- its value, as the owner of the name writes it
) STRICT, WITHOUT ROWID;

CREATE TABLE resource (
  seq     INTEGER PRIMARY KEY,              -- order of creation
  kind    TEXT NOT NULL,                    -- the scenario's name of the kind
  id      TEXT NOT NULL,                    -- public id, unique per kind among live rows
  owner   TEXT NOT NULL,                    -- whose it is, '' = nobody's
  parent  TEXT NOT NULL,                    -- id of the resource that it hangs under, '' = none
  status  TEXT NOT NULL,                    -- state in its machine, '' = has none
  body    TEXT,                             -- public JSON object, NULL = none
  hidden  TEXT,                             -- JSON object that no reply shows, NULL = none; what its kind keeps secret is sealed
  created INTEGER NOT NULL,                 -- when it was made
  updated INTEGER NOT NULL,                 -- when it last changed
  deleted INTEGER NOT NULL                  -- when it was removed, 0 = live
) STRICT;
CREATE UNIQUE INDEX resource_id ON resource (id, kind) WHERE deleted = 0;
CREATE INDEX resource_kind ON resource (kind) WHERE deleted = 0;
CREATE INDEX resource_owner ON resource (kind, owner) WHERE deleted = 0;
CREATE INDEX resource_parent ON resource (kind, parent) WHERE deleted = 0 AND parent <> '';
CREATE INDEX resource_removed ON resource (id, kind) WHERE deleted > 0;

CREATE TABLE transition (
  resource INTEGER NOT NULL,                -- resource.seq
  seq      INTEGER NOT NULL,                -- order of the change
  move     TEXT NOT NULL,                   -- name of the move
  source   TEXT NOT NULL,                   -- status before, '' = it was created
  target   TEXT NOT NULL,                   -- status after
  why      TEXT NOT NULL,                   -- operation, timer, card or control API
  at       INTEGER NOT NULL,                -- when
  PRIMARY KEY (resource, seq)
) STRICT, WITHOUT ROWID;

-- What changed stored objects, and who did it. Rows are only ever added; their numbers are their own and have no gap.
CREATE TABLE audit (
  seq       INTEGER PRIMARY KEY,            -- 1, 2, 3 …, across resets
  at        INTEGER NOT NULL,               -- when
  who       TEXT NOT NULL,                  -- name of a credential, or clock, card, control, seed …
  owner     TEXT NOT NULL,                  -- of the object, '' = nobody
  provider  TEXT NOT NULL,                  -- mount name of the provider, '' = the sandbox itself
  operation TEXT NOT NULL,                  -- METHOD /template, or what the clock, a card holder or the control API did
  kind      TEXT NOT NULL,                  -- kind of the object
  resource  TEXT NOT NULL,                  -- id of the object
  action    TEXT NOT NULL,                  -- create, update, move NAME, remove, keep or reset
  before    TEXT,                           -- public JSON object as it was, secrets masked, NULL = there was none
  after     TEXT,                           -- the same as it is now, NULL = there is none
  request   TEXT NOT NULL                   -- id of the request, '' = none
) STRICT;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE event (
  seq      INTEGER PRIMARY KEY,             -- order of the facts
  id       TEXT NOT NULL UNIQUE,            -- public id, what a consumer dedupes by
  provider TEXT NOT NULL,                   -- mount name of the provider
  owner    TEXT NOT NULL,                   -- owner of the resource, '' = nobody's
  family   TEXT NOT NULL,                   -- first half of the event's name
  action   TEXT NOT NULL,                   -- second half
  kind     TEXT NOT NULL,                   -- kind of the resource that it is about
  resource TEXT NOT NULL,                   -- id of that resource
  data     TEXT,                            -- JSON as it was at that moment, NULL = none
  previous TEXT,                            -- JSON object of what changed, as it was before, NULL = not kept
  created  INTEGER NOT NULL                 -- when
) STRICT;
-- All that lists choose by, so that they read no body.
CREATE INDEX event_list ON event (provider, seq, owner, family, action, kind, resource, created);

CREATE TABLE endpoint (
  seq      INTEGER PRIMARY KEY,             -- order of registration
  id       TEXT NOT NULL UNIQUE,            -- public id
  provider TEXT NOT NULL,                   -- mount name of the provider
  owner    TEXT NOT NULL,                   -- whose events it gets, '' = everybody's
  url      TEXT NOT NULL,                   -- where to send
  secret   TEXT NOT NULL,                   -- signing secret, sealed
  events   TEXT NOT NULL,                   -- wanted names, one per line, '' = all
  active   INTEGER NOT NULL,                -- 1 = gets deliveries
  created  INTEGER NOT NULL,                -- when it was registered
  updated  INTEGER NOT NULL,                -- when it last changed
  source   TEXT NOT NULL,                   -- who registered it: api or control
  previous TEXT,                            -- secrets that still sign beside it, JSON list, sealed, NULL = none
  failing  INTEGER NOT NULL,                -- first failure since its last success, 0 = none
  disabled TEXT NOT NULL,                   -- why it was switched off by itself, '' = it was not
  insecure INTEGER NOT NULL                 -- 1 = its certificate is not checked
) STRICT;

CREATE TABLE delivery (
  seq      INTEGER PRIMARY KEY,             -- order of the debts
  id       TEXT NOT NULL UNIQUE,            -- public id
  event    INTEGER NOT NULL,                -- event.seq
  endpoint TEXT NOT NULL,                   -- endpoint.id, which may be gone
  status   TEXT NOT NULL,                   -- pending, succeeded or failed
  attempts INTEGER NOT NULL,                -- how many were made
  due      INTEGER NOT NULL,                -- next try, 0 = none
  first    INTEGER NOT NULL,                -- when the first try was due
  url      TEXT NOT NULL,                   -- address at the time of the event
  warning  TEXT NOT NULL,                   -- what the owner should know, '' = nothing
  created  INTEGER NOT NULL,                -- when it came to be owed
  updated  INTEGER NOT NULL,                -- when it last changed
  lane     TEXT NOT NULL                    -- those of one lane go one after the other, '' = in none
) STRICT;
CREATE INDEX delivery_event ON delivery (event);
CREATE INDEX delivery_lane ON delivery (lane, seq) WHERE lane <> '' AND due <> 0;

CREATE TABLE attempt (
  delivery        INTEGER NOT NULL,         -- delivery.seq
  number          INTEGER NOT NULL,         -- 1, 2, 3 …
  trigger         TEXT NOT NULL,            -- schedule, manual or duplicate
  due             INTEGER NOT NULL,         -- sandbox time at which it was due
  started         INTEGER NOT NULL,         -- when the send began
  duration_us     INTEGER NOT NULL,         -- how long it took, microseconds of wall time
  request_header  BLOB,                     -- headers as sent, JSON
  request_body    BLOB,                     -- bytes as sent
  response_header BLOB,                     -- headers of the reply, JSON
  response_body   BLOB,                     -- first bytes of the reply
  response_status INTEGER NOT NULL,         -- HTTP status, 0 = no reply
  error           TEXT NOT NULL,            -- why there was no reply, '' = there was one
  url             TEXT NOT NULL,            -- where it was sent
  UNIQUE (delivery, number)
) STRICT;

CREATE TABLE callback (
  seq       INTEGER PRIMARY KEY,            -- order of arrival
  id        TEXT NOT NULL UNIQUE,           -- our id of it
  provider  TEXT NOT NULL,                  -- mount name of the provider that was called back
  source    TEXT NOT NULL,                  -- who called
  same      BLOB,                           -- hash of what tells a repeat, NULL = it proved nothing
  event     TEXT NOT NULL,                  -- the source's own id of the event, '' = it gave none
  type      TEXT NOT NULL,                  -- the source's name of the event
  header    BLOB,                           -- headers that matter, JSON
  body      BLOB,                           -- bytes as they came, card numbers masked and secrets out
  media     TEXT NOT NULL,                  -- content type of the body
  status    TEXT NOT NULL,                  -- received, processed, ignored, failed or rejected
  reason    TEXT NOT NULL,                  -- why it was not processed, '' = it was, or is yet to be
  kind      TEXT NOT NULL,                  -- kind of what it was about, '' = not known
  resource  TEXT NOT NULL,                  -- id of what it was about
  received  INTEGER NOT NULL,               -- how often it came
  runs      INTEGER NOT NULL,               -- how often it was worked on
  created   INTEGER NOT NULL,               -- when it came first
  processed INTEGER NOT NULL                -- when it was worked on last, 0 = not yet
) STRICT;
CREATE UNIQUE INDEX callback_same ON callback (provider, source, same) WHERE same IS NOT NULL;
CREATE INDEX callback_rejected ON callback (seq) WHERE same IS NULL;

CREATE TABLE timer (
  seq  INTEGER PRIMARY KEY,                 -- second part of the order (due, seq)
  due  INTEGER NOT NULL,                    -- when it goes off
  kind TEXT NOT NULL,                       -- what goes off: delivery, move, …
  a    TEXT NOT NULL,                       -- id of the thing that it is for
  b    TEXT NOT NULL                        -- one more word for it, such as a move's name
) STRICT;
CREATE INDEX timer_due ON timer (due);
CREATE INDEX timer_a ON timer (a);

CREATE TABLE key (
  hash     BLOB PRIMARY KEY,                -- SHA-256 of the key or token
  kind     TEXT NOT NULL,                   -- api, access or refresh
  provider TEXT NOT NULL,                   -- mount name of the provider
  subject  TEXT NOT NULL,                   -- id of the member that it speaks for
  sandbox  TEXT NOT NULL,                   -- sandbox that it opens
  issued   INTEGER NOT NULL,                -- when it was given out
  expires  INTEGER NOT NULL,                -- when it ends, 0 = never
  revoked  INTEGER NOT NULL,                -- when it was taken back, 0 = it was not
  pair     TEXT NOT NULL,                   -- session that access and refresh share, resource of an API key
  permissions TEXT NOT NULL,                -- what an API key may do, one per line
  rate     INTEGER NOT NULL,                -- requests a second of its own, 0 = the provider's
  burst    INTEGER NOT NULL,                -- and at once, 0 = the provider's
  used     INTEGER NOT NULL                 -- when an API key was last used, to the minute, 0 = never
) STRICT, WITHOUT ROWID;
CREATE INDEX key_pair ON key (pair) WHERE pair <> '';

CREATE TABLE reply (
  seq         INTEGER PRIMARY KEY,          -- order of the replies
  provider    TEXT NOT NULL,                -- mount name of the provider
  owner       TEXT NOT NULL,                -- whose idempotency key it is
  key         TEXT NOT NULL,                -- what stands for the idempotency key; never the key itself
  operation   TEXT NOT NULL,                -- METHOD /path that it is good for, '' = any
  fingerprint BLOB,                         -- hash of the request, tells a retry from a reuse
  code        TEXT NOT NULL,                -- error code of a refusal, '' = it is none
  status      INTEGER NOT NULL,             -- HTTP status of the remembered reply
  header      BLOB,                         -- its headers
  body        BLOB,                         -- its bytes, sealed
  expires     INTEGER NOT NULL,             -- when it may be forgotten
  UNIQUE (provider, owner, key, operation)
) STRICT;
CREATE INDEX reply_expires ON reply (expires);
