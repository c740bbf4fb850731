-- +goose Up

-- Files that people put beside records. Their contents lie in the data folder,
-- each under its digest; an empty text stands for nothing.
CREATE TABLE attachments (
  id            TEXT NOT NULL PRIMARY KEY,
  kind          TEXT NOT NULL,
  record_id     TEXT NOT NULL,
  state         TEXT NOT NULL,
  file_name     TEXT NOT NULL,
  content_type  TEXT NOT NULL,
  size          INTEGER NOT NULL,
  sha256        TEXT NOT NULL,
  description   TEXT NOT NULL,
  sensitivity   INTEGER NOT NULL,
  uploader_type TEXT NOT NULL,
  uploader_id   TEXT NOT NULL,
  created_at    TEXT NOT NULL,
  deleted_at    TEXT NOT NULL
);
CREATE INDEX attachments_record ON attachments (kind, record_id, id);
CREATE INDEX attachments_content ON attachments (sha256);

-- +goose Down
DROP TABLE attachments;
