package seeds

// cures tells what complaints led to: the problem behind those that come again, one
// remedy that held and one that did not, and what was learned.
func (t *teller) cures() {
	for i, name := range []string{"complaint 1", "complaint 2", "complaint 3", "complaint 18", "complaint 19"} {
		t.at(22-i, 15).move("ana", "complaint", name, "link_problem", fields{"problem_id": "@late"})
	}
	t.oil()
	t.lights()
	t.learn("traps", 105, fields{
		"title": "Look under what is parked beside a path", "kind": "negative", "complaint_ids": []string{"@complaint 8"}, "corrective_action_ids": []string{"@traps"}, "category": "safety",
		"applies_to_tags": []string{"complaint", "safety"}, "what_happened": "A tractor lost oil beside the path along the quay, and a child slipped.",
		"root_cause": "Nobody looks at parked tractors on Sundays.", "recommendation": "Put drip trays under whatever stands beside a path, and look at them daily.",
	})
	t.at(70, 9).move("ana", "lesson", "traps", "apply", fields{"artefact_kind": "template", "artefact": "Daily round of the yard", "artefact_url": "https://wiki.eastmere-harbour.example/checklists/yard", "applied_on": t.day(71)})
	t.at(190, 9).enter("ana", "lesson", "asked", fields{
		"title": "Ask those who were not content before an answer is written", "kind": "negative", "complaint_ids": []string{"@complaint 6"}, "category": "communication", "owner_id": "@ana",
		"applies_to_tags": []string{"complaint"}, "what_happened": "Quay Logistics turned down an answer that nobody had spoken with them about.", "recommendation": "Call before the answer is proposed.",
	})
}

// oil is a remedy that held: the complaint could be closed after it.
func (t *teller) oil() {
	t.remedyOf("traps", 160, fields{"title": "Drip trays under parked tractors", "complaint_id": "@complaint 8", "tags": []string{"safety"}}, fields{
		"cause_method": "change_analysis", "root_cause": "Since the yard was moved tractors stand beside the path, and nobody looks at them on Sundays.", "cause_category": "equipment",
	}, fields{
		"action": "Put trays under every place and look at them daily.", "owner_id": "@ben", "due_on": t.day(148), "criterion_measure": "Oil stains on the path, a month",
		"criterion_operator": "at_most", "criterion_value": "0", "criterion_unit": "stains", "data_source": "Round of the yard", "window_days": 30, "side_effects": "None that we know of.",
	})
	t.at(149, 9).move("ben", "corrective_action", "traps", "implement", fields{"implemented_on": t.day(149), "implementation_evidence": "Photographs of 22 trays"})
	t.at(118, 9).move("ben", "corrective_action", "traps", "begin_verification", nil)
	t.at(116, 9).move("chiara", "corrective_action", "traps", "verify", fields{"measured_value": "0", "measured_on": t.day(116), "measurement_evidence": "Thirty rounds, no stain"})
	t.at(112, 9).move("ana", "complaint", "complaint 8", "accept", fields{
		"complainant_answer": "accepted", "answered_on": t.day(113), "answer_evidence": "Call of the father", "remedy_done_on": t.day(149), "satisfaction": 4,
		"satisfaction_comment": "Somebody came and looked.",
	})
}

// lights is a remedy that did not hold: its cause is looked for anew.
func (t *teller) lights() {
	t.remedyOf("masts", 110, fields{"title": "Shields on the new masts", "complaint_id": "@complaint 12", "tags": []string{"light"}}, fields{
		"cause_method": "change_analysis", "root_cause": "The masts were ordered without shields.", "cause_category": "design",
	}, fields{
		"action": "Fit shields on the side of the town.", "owner_id": "@ben", "due_on": t.day(90), "criterion_measure": "Light at the bedroom window",
		"criterion_operator": "at_most", "criterion_value": "1", "criterion_unit": "lux", "data_source": "Meter of the council", "window_days": 20, "side_effects": "Darker on the road behind the yard: two lamps more.",
	})
	t.at(92, 9).move("ben", "corrective_action", "masts", "implement", fields{"implemented_on": t.day(92), "implementation_evidence": "Order of the electrician"})
	t.at(70, 9).move("ben", "corrective_action", "masts", "begin_verification", nil)
	t.at(68, 9).move("chiara", "corrective_action", "masts", "verify", fields{"measured_value": "2.4", "measured_on": t.day(68), "measurement_evidence": "Measured at ten at night with Ms Keller"})
}

// taken takes a complaint to the top: the ladder has people on it since today.
func (t *teller) taken() {
	t.enter("ben", "escalation", "data", fields{
		"complaint_id": "@complaint 22", "to_level": 7, "override": true, "cause": "beyond_authority", "reason": "The data protection authority called: it asks who answers for the list at the gate.",
	})
	t.move("dagny", "escalation", "data", "acknowledge", nil)
}
