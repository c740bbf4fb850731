-- +goose Up
-- What somebody did is read from their newest entry, and stops at the page's end.
-- What the register does by itself is nobody's diary.
CREATE INDEX entries_by_actor ON entries (actor_id, at, id) WHERE actor_id IS NOT NULL;

-- +goose Down
DROP INDEX entries_by_actor;
