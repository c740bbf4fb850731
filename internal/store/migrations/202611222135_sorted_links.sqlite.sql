-- +goose Up

-- The links from which an access path leads, in the order of that path: whom records
-- name, and by what the lists of those are sorted.
CREATE TABLE sorted_links (
  kind      TEXT NOT NULL,
  field     TEXT NOT NULL,
  target    TEXT NOT NULL,
  sort      TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (kind, field, target, sort, record_id)
) WITHOUT ROWID;
INSERT INTO sorted_links (kind, field, target, sort, record_id)
SELECT l.kind, l.field, l.target, i.occurred_at, l.record_id FROM links l JOIN interactions i ON i.id = l.record_id
WHERE l.kind = 'interaction' AND l.field = 'stakeholder_ids' AND i.occurred_at IS NOT NULL;

-- +goose Down
DROP TABLE sorted_links;
