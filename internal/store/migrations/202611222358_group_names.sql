-- +goose Up
-- A name that is taken by a group that is hidden would tell of it: those alone that
-- everybody sees share none.
DROP INDEX groups_name;
CREATE UNIQUE INDEX groups_name ON groups (name_folded) WHERE deleted_at IS NULL AND sensitivity <= 1;

-- +goose Down
DROP INDEX groups_name;
CREATE UNIQUE INDEX groups_name ON groups (name_folded) WHERE deleted_at IS NULL;
