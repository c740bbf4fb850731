-- +goose Up
CREATE TABLE custom_fields (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  collection TEXT NOT NULL,
  collection_folded TEXT NOT NULL,
  key TEXT NOT NULL,
  key_folded TEXT NOT NULL,
  label TEXT,
  label_folded TEXT,
  doc TEXT,
  type TEXT NOT NULL,
  target TEXT,
  options TEXT NOT NULL,
  required BOOLEAN NOT NULL,
  filterable BOOLEAN NOT NULL,
  sensitivity INTEGER NOT NULL,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE UNIQUE INDEX custom_fields_key_collection ON custom_fields (key_folded, collection_folded) WHERE deleted_at IS NULL;
CREATE INDEX custom_fields_collection_folded_key_folded ON custom_fields (collection_folded, key_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX custom_fields_updated_at ON custom_fields (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX custom_fields_key_folded ON custom_fields (key_folded, id) WHERE deleted_at IS NULL;
-- Changes that write custom fields read those of their collection.
CREATE INDEX custom_fields_collection ON custom_fields (collection);

-- +goose Down
DROP TABLE custom_fields;
