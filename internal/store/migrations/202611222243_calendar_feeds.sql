-- +goose Up
-- People see which tokens of theirs are about, by ids from which none can be guessed,
-- and take them back. A feed has the kinds of what it holds; a person has one.
ALTER TABLE tokens ADD COLUMN id TEXT;
ALTER TABLE tokens ADD COLUMN kinds TEXT;
CREATE INDEX tokens_of ON tokens (user_id, id);
CREATE UNIQUE INDEX tokens_calendar ON tokens (user_id) WHERE purpose = 'calendar';

-- +goose Down
DROP INDEX tokens_calendar;
DROP INDEX tokens_of;
ALTER TABLE tokens DROP COLUMN kinds;
ALTER TABLE tokens DROP COLUMN id;
