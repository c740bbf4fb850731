-- +goose Up
CREATE TABLE problems (
  id TEXT NOT NULL UNIQUE,
  num INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT,
  title TEXT NOT NULL,
  description TEXT,
  category TEXT NOT NULL,
  issue_ids TEXT NOT NULL,
  cause_method TEXT NOT NULL,
  cause_chains TEXT NOT NULL,
  root_cause TEXT,
  cause_category TEXT NOT NULL,
  due_on TEXT,
  due_at TEXT,
  due_for TEXT,
  paused_total INTEGER NOT NULL,
  breached_at TEXT,
  diagnosed_at TEXT,
  fixed_at TEXT,
  watch_until TEXT,
  closed_at TEXT,
  issue_count INTEGER NOT NULL,
  severity_sum INTEGER NOT NULL,
  stakeholder_count INTEGER NOT NULL,
  exposure INTEGER NOT NULL,
  owner_id TEXT REFERENCES users (id),
  tags TEXT NOT NULL,
  sensitivity INTEGER NOT NULL,
  access_user_ids TEXT NOT NULL,
  external_ids TEXT NOT NULL,
  custom_fields TEXT NOT NULL,
  created_by_type TEXT NOT NULL,
  created_by_id TEXT,
  updated_by_type TEXT NOT NULL,
  updated_by_id TEXT
);
CREATE INDEX problems_state_updated_at ON problems (state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX problems_owner_id_state_updated_at ON problems (owner_id, state, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX problems_updated_at ON problems (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX problems_due_on ON problems (due_on, id) WHERE deleted_at IS NULL;
CREATE INDEX problems_due_at ON problems (due_at, id) WHERE deleted_at IS NULL;
CREATE INDEX problems_issue_count ON problems (issue_count, id) WHERE deleted_at IS NULL;
CREATE INDEX problems_exposure ON problems (exposure, id) WHERE deleted_at IS NULL;

ALTER TABLE issues ADD COLUMN problem_id TEXT REFERENCES problems (id);
CREATE INDEX issues_problem_id_updated_at ON issues (problem_id, updated_at, id) WHERE deleted_at IS NULL;
ALTER TABLE corrective_actions ADD COLUMN problem_id TEXT REFERENCES problems (id);
CREATE INDEX corrective_actions_problem_id_updated_at ON corrective_actions (problem_id, updated_at, id) WHERE deleted_at IS NULL;
ALTER TABLE lessons ADD COLUMN problem_ids TEXT NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE lessons DROP COLUMN problem_ids;
DROP INDEX corrective_actions_problem_id_updated_at;
ALTER TABLE corrective_actions DROP COLUMN problem_id;
DROP INDEX issues_problem_id_updated_at;
ALTER TABLE issues DROP COLUMN problem_id;
DROP TABLE problems;
