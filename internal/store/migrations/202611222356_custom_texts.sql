-- +goose Up
-- Long texts stand in an index by their beginning and a digest. Who looks for a part of
-- one reads all of it; of those that are there, the beginning until they change.
ALTER TABLE custom_values ADD COLUMN whole TEXT;
UPDATE custom_values SET whole = substr(value, 1, length(value) - 65)
  WHERE length(value) BETWEEN 66 AND 185 AND substr(value, length(value) - 64, 1) = ' ' AND substr(value, length(value) - 63) NOT LIKE '% %';

-- +goose Down
ALTER TABLE custom_values DROP COLUMN whole;
