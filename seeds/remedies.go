package seeds

// remedies tells what was done about the causes of the noise, and whether it held.
func (t *teller) remedies() {
	t.remedy("signals", 690, "Reversing signals that carry less far", fields{
		"cause_method": "five_whys", "root_cause": "The signals were bought for the open quay and never for nights beside houses.", "cause_category": "equipment",
		"cause_chains": []fields{{"effect": "The neighbours wake up at night", "whys": []fields{
			{"because": "Lorries reverse under the windows of the first row.", "evidence": "Visit at eleven at night with six neighbours"},
			{"because": "Their signals are tonal and carry for 400 metres.", "evidence": "Measurement at the fence"},
			{"because": "Nobody asked for another sort when they were bought.", "evidence": "Order of 2019"},
		}}},
	}, fields{
		"action": "Fit all tractors of the terminal with broadband signals.", "owner_id": "@ben", "due_on": t.day(650), "criterion_measure": "Sound level of a reversing tractor at the first row of houses",
		"criterion_operator": "at_most", "criterion_value": "45", "criterion_unit": "dB(A)", "data_source": "Meter behind the wall, monthly report", "window_days": 60,
		"side_effects": "Less warning for people on the quay: training before the change.",
	})
	t.at(652, 9).move("ben", "corrective_action", "signals", "implement", fields{"implemented_on": t.day(652), "implementation_evidence": "Acceptance report of the workshop, all 14 tractors"})
	t.at(590, 9).move("ben", "corrective_action", "signals", "begin_verification", nil)
	t.at(588, 9).move("chiara", "corrective_action", "signals", "verify", fields{"measured_value": "41.5", "measured_on": t.day(588), "measurement_evidence": "Reports of two months"})

	t.remedy("berths", 200, "Quiet nights in the berth plan", berthCause, t.berthPlan(170, "4"))
	t.at(172, 9).move("ben", "corrective_action", "berths", "implement", fields{"implemented_on": t.day(172), "implementation_evidence": "Berth plan of the quarter"})
	t.at(140, 9).move("ben", "corrective_action", "berths", "begin_verification", nil)
	t.at(138, 9).move("chiara", "corrective_action", "berths", "verify", fields{"measured_value": "9", "measured_on": t.day(138), "measurement_evidence": "Gate counter, four weeks"})
	t.at(130, 9).move("ana", "corrective_action", "berths", "analyse", fields{"cause_method": "change_analysis", "root_cause": "Late ships may leave the plan without asking anybody.", "cause_category": "process"})
	t.decide("berths", 30, t.berthPlan(-20, "4"))
}

// berthCause is what was held for the cause of lorries on quiet nights at first.
var berthCause = fields{
	"cause_method": "five_whys", "root_cause": "The berth plan knows no quiet hours.", "cause_category": "planning",
	"cause_chains": []fields{{"effect": "Lorries come on quiet nights", "whys": []fields{
		{"because": "Two berths are worked on all nights.", "evidence": "Berth plan of spring"},
		{"because": "The plan knows no quiet hours.", "evidence": "Planning tool, list of restrictions"},
	}}},
}

// berthPlan is the plan against lorries on quiet nights.
func (t *teller) berthPlan(due int, most string) fields {
	return fields{
		"action": "Close two berths on four nights a week, and ask the duty officer before a late ship leaves the plan.", "owner_id": "@ben", "due_on": t.day(due),
		"criterion_measure": "Lorries between 23:00 and 06:00 on quiet nights, a week", "criterion_operator": "at_most", "criterion_value": most, "criterion_unit": "lorries",
		"data_source": "Gate counter, weekly report", "window_days": 30, "side_effects": "Ships wait longer at anchor: told to Quay Logistics.",
	}
}

// remedy enters a corrective action for the nights and takes it as far as its work.
func (t *teller) remedy(name string, daysAgo int, title string, cause, plan fields) {
	t.remedyOf(name, daysAgo, fields{"title": title, "issue_id": "@nights", "tags": []string{"noise"}}, cause, plan)
}

// remedyOf enters a corrective action and takes it as far as its work.
func (t *teller) remedyOf(name string, daysAgo int, action, cause, plan fields) {
	action["owner_id"], action["verifier_id"] = "@ana", "@chiara"
	t.at(daysAgo, 9).enter("ana", "corrective_action", name, action)
	t.at(daysAgo-4, 9).move("ana", "corrective_action", name, "analyse", cause)
	t.decide(name, daysAgo-6, plan)
}

// decide takes a corrective action from its plan to its work.
func (t *teller) decide(name string, daysAgo int, plan fields) {
	t.at(daysAgo, 9).move("ana", "corrective_action", name, "plan", plan)
	t.at(daysAgo-2, 9).move("chiara", "corrective_action", name, "approve", nil)
	t.at(daysAgo-4, 9).move("ben", "corrective_action", name, "start", fields{"starts_on": t.day(daysAgo - 4)})
}
