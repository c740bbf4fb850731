-- +goose Up

-- The words of all nouns' records; on SQLite each noun has a full-text table.
CREATE TABLE search_texts (
  kind  TEXT NOT NULL,
  num   BIGINT NOT NULL,
  words TSVECTOR NOT NULL,
  PRIMARY KEY (kind, num)
);
CREATE INDEX search_texts_words ON search_texts USING gin (words);

-- +goose Down
DROP TABLE search_texts;
