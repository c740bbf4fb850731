-- +goose Up

-- The records that are removed, so that they can be taken off what counts all of
-- them: looking whether each is would cost more than the count.
CREATE TABLE removed (
  kind      TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (kind, record_id)
);
INSERT INTO removed (kind, record_id)
SELECT 'api_key', id FROM api_keys WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'assessment', id FROM assessments WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'authority_rule', id FROM authority_rules WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'calendar', id FROM calendars WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'corrective_action', id FROM corrective_actions WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'custom_field', id FROM custom_fields WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'escalation_ladder', id FROM escalation_ladders WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'escalation', id FROM escalations WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'follow_up', id FROM follow_ups WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'group', id FROM groups WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'identity', id FROM identities WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'interaction', id FROM interactions WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'issue', id FROM issues WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'lesson', id FROM lessons WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'membership', id FROM memberships WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'problem', id FROM problems WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'relationship', id FROM relationships WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'setting', id FROM settings WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'spoc_assignment', id FROM spoc_assignments WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'stakeholder', id FROM stakeholders WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'user', id FROM users WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'view', id FROM views WHERE deleted_at IS NOT NULL;

-- +goose Down
DROP TABLE removed;
