-- +goose Up

-- The values of custom fields as filters compare them. They are found from the value,
-- and from the record.
CREATE TABLE custom_values (
  kind      TEXT NOT NULL,
  field     TEXT NOT NULL,
  value     TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (kind, field, value, record_id)
);
CREATE INDEX custom_values_record ON custom_values (record_id, field, value);

-- +goose Down
DROP TABLE custom_values;
