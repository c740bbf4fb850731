-- +goose Up

-- Time limits stand still while somebody above is asked.
ALTER TABLE issues ADD COLUMN waits_above BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE complaints ADD COLUMN waits_above BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE complaints DROP COLUMN waits_above;
ALTER TABLE issues DROP COLUMN waits_above;
