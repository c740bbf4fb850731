-- +goose Up

-- Entries that tell of a file, where the file was given a sensitivity of its own:
-- they are seen by those who see the file. user_id is who brought it, '' for a machine.
CREATE TABLE veiled (
  entry_id    TEXT NOT NULL PRIMARY KEY,
  kind        TEXT NOT NULL,
  record_id   TEXT NOT NULL,
  sensitivity INTEGER NOT NULL,
  user_id     TEXT NOT NULL
);
CREATE INDEX veiled_record ON veiled (kind, record_id);

INSERT INTO veiled (entry_id, kind, record_id, sensitivity, user_id)
SELECT e.id, e.kind, e.record_id, a.sensitivity, CASE WHEN a.uploader_type = 'user' THEN a.uploader_id ELSE '' END
FROM attachments a JOIN entries e ON e.kind = a.kind AND e.record_id = a.record_id
WHERE a.sensitivity > 0 AND e.action IN ('attachment_added', 'attachment_removed') AND e.changes LIKE '%"' || a.id || '"%';

-- +goose Down
DROP TABLE veiled;
