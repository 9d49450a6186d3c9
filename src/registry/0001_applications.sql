-- What is registered, what its last look found, and its runs. Types and statements are those that Postgres understands as well.
CREATE TABLE applications (
    namespace  TEXT NOT NULL,
    name       TEXT NOT NULL,
    -- Without credentials.
    repo_url   TEXT NOT NULL,
    -- One form for all URLs of a repository: what a webhook is compared with.
    repository TEXT NOT NULL,
    branch     TEXT,
    subdir     TEXT,
    -- Sealed with the key file.
    credential TEXT,
    created_at TEXT NOT NULL,
    -- Why nothing is synced until somebody resumes it.
    suspended  TEXT,
    -- What it placed is being removed; it goes when that is done.
    removing   BOOLEAN NOT NULL DEFAULT FALSE,
    sync       TEXT NOT NULL,
    operation  TEXT NOT NULL,
    revision   TEXT,
    message    TEXT,
    changes    TEXT,
    last_sync  TEXT,
    PRIMARY KEY (namespace, name)
);
CREATE INDEX applications_by_repository ON applications (repository);

-- Looks that changed something, or that ended otherwise than the one before. Numbered, so that a clock that was set back confuses nothing.
CREATE TABLE runs (
    namespace TEXT NOT NULL,
    name      TEXT NOT NULL,
    number    BIGINT NOT NULL,
    at        TEXT NOT NULL,
    cause     TEXT NOT NULL,
    revision  TEXT,
    operation TEXT NOT NULL,
    message   TEXT,
    changes   TEXT,
    took_ms   BIGINT NOT NULL,
    PRIMARY KEY (namespace, name, number),
    FOREIGN KEY (namespace, name) REFERENCES applications (namespace, name) ON DELETE CASCADE
);
