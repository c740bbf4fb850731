-- +goose Up
-- The issues and complaints of a stakeholder in the order in which they came, for its timeline.
CREATE INDEX issues_stakeholder_id_created ON issues (stakeholder_id, id) WHERE deleted_at IS NULL;
CREATE INDEX complaints_stakeholder_id_created ON complaints (stakeholder_id, id) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX complaints_stakeholder_id_created;
DROP INDEX issues_stakeholder_id_created;
