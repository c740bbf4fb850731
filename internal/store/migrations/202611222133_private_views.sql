-- +goose Up
-- A view of one's own is nobody else's: it ranks above the restricted.
UPDATE guarded SET sensitivity = 4 WHERE kind = 'view' AND record_id IN (SELECT id FROM views WHERE shared_with = 'me');

-- +goose Down
UPDATE guarded SET sensitivity = 3 WHERE kind = 'view' AND sensitivity > 3;
