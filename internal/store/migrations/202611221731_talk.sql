-- +goose Up

-- What people say about records. A comment is seen where its record is seen, so
-- it has no sensitivity of its own; an empty text stands for nothing.
CREATE TABLE comments (
  id          TEXT NOT NULL PRIMARY KEY,
  kind        TEXT NOT NULL,
  record_id   TEXT NOT NULL,
  state       TEXT NOT NULL,
  version     INTEGER NOT NULL,
  body        TEXT NOT NULL,
  visibility  TEXT NOT NULL,
  reply_to_id TEXT NOT NULL,
  mentions    TEXT NOT NULL,
  author_type TEXT NOT NULL,
  author_id   TEXT NOT NULL,
  created_at  TEXT NOT NULL,
  edited_at   TEXT NOT NULL,
  deleted_at  TEXT NOT NULL
);
CREATE INDEX comments_record ON comments (kind, record_id, id);
CREATE INDEX comments_reply ON comments (reply_to_id) WHERE reply_to_id <> '';

-- What people are told of, each their own.
CREATE TABLE notifications (
  id         TEXT NOT NULL PRIMARY KEY,
  user_id    TEXT NOT NULL,
  type       TEXT NOT NULL,
  kind       TEXT NOT NULL,
  record_id  TEXT NOT NULL,
  comment_id TEXT NOT NULL,
  actor_type TEXT NOT NULL,
  actor_id   TEXT NOT NULL,
  created_at TEXT NOT NULL,
  read_at    TEXT NOT NULL
);
CREATE INDEX notifications_user ON notifications (user_id, id);
CREATE INDEX notifications_unread ON notifications (user_id, id) WHERE read_at = '';

-- +goose Down
DROP TABLE notifications;
DROP TABLE comments;
