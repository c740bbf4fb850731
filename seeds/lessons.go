package seeds

// lessons tells what was learned in the nights, and where it changed something.
func (t *teller) lessons() {
	t.learn("ask", 560, fields{
		"title": "Ask neighbours before a night shift begins", "kind": "negative", "issue_ids": []string{"@nights"}, "category": "environment", "applies_to_tags": []string{"noise", "harbour"},
		"what_happened": "The households by the river learned of the nights from the lorries.", "root_cause": "The decision was told to customers only.", "recommendation": "Visit the first row of houses a month before.",
	})
	t.at(500, 9).move("ana", "lesson", "ask", "apply", fields{"artefact_kind": "template", "artefact": "Checklist for new shifts", "artefact_url": "https://wiki.eastmere-harbour.example/checklists/shifts", "applied_on": t.day(500)})
	t.at(410, 9).move("chiara", "lesson", "ask", "apply", fields{"artefact_kind": "policy", "artefact": "Policy on working hours", "artefact_url": "https://wiki.eastmere-harbour.example/policies/hours", "applied_on": t.day(411)})
	t.at(170, 9).move("ben", "lesson", "ask", "confirm", fields{"review_note": "Used for two shifts since; both began in peace."})

	t.learn("figures", 300, fields{
		"title": "Measure before and after, with a meter that both sides read", "kind": "positive", "corrective_action_ids": []string{"@signals"}, "category": "environment", "applies_to_tags": []string{"noise"},
		"what_happened": "The meter behind the wall ended the quarrel about how loud it is.", "recommendation": "Agree on a meter before anything is built.",
	})
	t.at(120, 9).enter("ana", "lesson", "plan", fields{
		"title": "A plan without a rule for exceptions is none", "kind": "negative", "corrective_action_ids": []string{"@berths"}, "category": "delivery", "applies_to_tags": []string{"noise", "planning"}, "owner_id": "@ana",
		"what_happened": "Late ships left the berth plan without asking anybody.", "recommendation": "Say with every plan who may leave it.",
	})
}

// learn captures a lesson and takes it as far as its publication.
func (t *teller) learn(name string, daysAgo int, f fields) {
	f["owner_id"] = "@ana"
	t.at(daysAgo, 9).enter("ana", "lesson", name, f)
	t.at(daysAgo-1, 9).move("ana", "lesson", name, "submit", nil)
	t.at(daysAgo-5, 9).move("ben", "lesson", name, "validate", fields{"significant": true, "valid": true, "applicable": true, "expertise": "Led the terminal's nights for six years"})
	t.at(daysAgo-7, 9).move("ben", "lesson", name, "publish", fields{"audience": "organisation", "personal_data_removed": true})
}
