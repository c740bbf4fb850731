package seeds

// shared tells of the problem behind two issues: the nights were not quiet for long.
func (t *teller) shared() {
	t.at(95, 9).enter("ana", "issue", "ferry", fields{
		"title": "Lorries on two quiet nights", "description": "The ferry was late, and its lorries were unloaded at three.", "category": "environment", "severity": "medium", "urgency": "medium",
		"channel": "email", "raised_at": t.at(96, 7).now, "stakeholder_id": "@residents", "affected_stakeholder_ids": []string{"@residents"}, "tags": []string{"noise"},
	})
	t.at(92, 9).enter("ana", "problem", "late", fields{
		"title": "Late ships break the quiet nights", "category": "environment", "issue_ids": []string{"@nights", "@ferry"}, "owner_id": "@ben", "tags": []string{"noise"},
		"description": "Whenever a ship is late, lorries are called to the berths that were to be quiet.",
	})
	t.at(85, 9).move("ben", "problem", "late", "diagnose", fields{
		"cause_method": "five_whys", "root_cause": "Late ships may leave the berth plan without asking anybody.", "cause_category": "process",
		"cause_chains": []fields{{"effect": "Lorries come on quiet nights", "whys": []fields{
			{"because": "A late ship takes the next free berth.", "evidence": "Log of the harbour master"},
			{"because": "No rule says who may allow that.", "evidence": "Berth plan, general part"},
		}}},
	})
}
