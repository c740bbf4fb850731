-- +goose Up
CREATE TABLE views (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  slug TEXT NOT NULL,
  slug_folded TEXT NOT NULL,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  collection TEXT NOT NULL,
  collection_folded TEXT NOT NULL,
  filter TEXT NOT NULL,
  q TEXT,
  sort TEXT,
  fields TEXT NOT NULL,
  shared_with TEXT NOT NULL,
  owner_id TEXT REFERENCES users (id),
  tags TEXT NOT NULL,
  sensitivity INTEGER NOT NULL,
  access_user_ids TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE INDEX views_collection_folded_slug_folded ON views (collection_folded, slug_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX views_owner_id_updated_at ON views (owner_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX views_updated_at ON views (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX views_name_folded ON views (name_folded, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP TABLE views;
