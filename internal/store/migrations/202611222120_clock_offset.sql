-- +goose Up

-- By how many seconds the clock of a demonstration was put forward; a register
-- that is no demonstration has no row.
CREATE TABLE clock_offset (
  id      INTEGER PRIMARY KEY,
  seconds INTEGER NOT NULL
);

-- +goose Down
DROP TABLE clock_offset;
