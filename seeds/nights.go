package seeds

// scores are power, interest, legitimacy, urgency and attitude.
type scores [5]int

// assess enters an assessment on the day it was made.
func (t *teller) assess(daysAgo int, who, of string, s scores, current, desired, why string) {
	t.at(daysAgo, 15).enter(who, "assessment", "", fields{
		"stakeholder_id": "@" + of, "assessed_on": t.day(daysAgo), "power": s[0], "interest": s[1], "legitimacy": s[2], "urgency": s[3], "attitude": s[4],
		"influence": min(5, max(1, s[0]+1)), "impact": s[1], "current_engagement": current, "desired_engagement": desired, "rationale": why, "method": "interview",
	})
}

// talk logs a contact on the day it took place.
func (t *teller) talk(daysAgo int, who, channel, direction, feeling, subject, summary string, with ...string) {
	when := t.at(daysAgo, 10).now
	ids := make([]string, len(with))
	for i, w := range with {
		ids[i] = "@" + w
	}
	t.at(daysAgo, 16).enter(who, "interaction", "", fields{
		"stakeholder_ids": ids, "user_ids": []string{"@" + who}, "channel": channel, "direction": direction, "occurred_at": when,
		"sentiment": feeling, "subject": subject, "summary": summary, "owner_id": "@" + who,
	})
}

// nights tells of the noise, from the first letter to the quiet nights.
func (t *teller) nights() {
	t.talk(712, "ana", "letter", "inbound", "very_negative", "First letter about the nights", "Since the first of the month lorries are unloaded until five. Nobody asked us.", "residents")
	t.talk(705, "ana", "in_person", "outbound", "negative", "A visit at eleven at night", "Stood at the fence with six of them. It is loud: the reversing signals more than the cranes.", "residents", "ioana")
	t.nightIssue()
	t.talk(560, "ben", "event", "mutual", "negative", "Public meeting in the school hall", "Some ninety people. The petition was handed over; the council listened.", "residents", "council", "herald")
	t.talk(420, "chiara", "video", "outbound", "neutral", "What quiet nights would cost", "Quay Logistics put two berths a week on the table.", "quay")
	t.talk(330, "dagny", "in_person", "outbound", "positive", "The chair visits the wall", "The noise wall is up. The chair asked for figures every month.", "board")
	t.talk(310, "ana", "call", "inbound", "positive", "It is better", "She slept through for the first time in a year and a half.", "ioana")
	t.talk(205, "chiara", "in_person", "inbound", "negative", "The trial hurts", "They want the berths back, or a rebate.", "quay")
	t.talk(75, "ana", "event", "mutual", "positive", "First sitting of the liaison committee", "Dates for a year were agreed.", "residents", "dockers", "council")
	t.talk(12, "ana", "email", "inbound", "neutral", "Agenda for December", "They ask for the lorry counts of the autumn.", "residents")
	t.at(11, 9).enter("ana", "follow_up", "counts", fields{"title": "Send the lorry counts of the autumn", "stakeholder_id": "@residents", "owner_id": "@ana", "due_on": t.day(-4)})
	t.at(300, 9).enter("ben", "follow_up", "wall", fields{"title": "Measure behind the wall", "stakeholder_id": "@residents", "owner_id": "@ben", "due_on": t.day(280)})
	t.at(282, 9).move("ben", "follow_up", "wall", "complete", fields{"outcome": "Nine decibels less at the first row of houses."})
}

// nightIssue is the issue of the nights, from the first word to its close.
func (t *teller) nightIssue() {
	t.at(704, 9).enter("ana", "issue", "nights", fields{
		"title": "Noise at night from the quay", "description": "Lorries are unloaded between 23:00 and 05:00; residents cannot sleep.",
		"category": "environment", "severity": "high", "urgency": "high", "channel": "letter", "raised_at": t.at(712, 9).now, "stakeholder_id": "@residents", "tags": []string{"noise"},
	})
	t.at(703, 9).move("ana", "issue", "nights", "triage", fields{
		"category": "environment", "severity": "high", "urgency": "high", "owner_id": "@ana",
		"affected_stakeholder_ids": []string{"@residents", "@quay"}, "assignee_id": "@ana",
	})
	t.at(702, 9).move("ana", "issue", "nights", "start", nil)
	t.at(650, 9).move("ana", "issue", "nights", "wait", fields{"waiting_on": "The board's money for a wall", "waiting_until": t.day(600)})
	t.at(600, 9).move("ana", "issue", "nights", "resume", nil)
	t.at(420, 9).enter("ana", "escalation", "wall money", fields{"issue_id": "@nights", "cause": "beyond_authority", "reason": "The wall costs more than a manager may promise."})
	t.at(419, 10).move("chiara", "escalation", "wall money", "acknowledge", nil)
	t.at(416, 15).move("chiara", "escalation", "wall money", "decide", fields{
		"decision": "The wall is built in spring.", "decision_reason": "It costs less than a third year of complaints.",
		"instructions": "Order the wall and tell the residents the date.", "instructions_due_on": t.day(380),
	})
	t.at(385, 9).move("ana", "escalation", "wall money", "close", fields{"carried_out": "Ordered; the committee has the date in writing.", "carried_out_on": t.day(385)})
	t.at(340, 9).move("ben", "issue", "nights", "propose_resolution", fields{
		"resolution": "A noise wall along the quay, and four quiet nights a week on trial.",
		"effects":    []fields{{"stakeholder_id": "@residents", "effect": "Four nights without lorries, nine decibels less on the others."}, {"stakeholder_id": "@quay", "effect": "Two berths a week less at night."}},
	})
	t.at(320, 9).move("ana", "issue", "nights", "accept_resolution", fields{"party_answer": "accepted", "party_answered_on": t.day(321), "answer_evidence": "Letter of the committee"})
	t.at(315, 9).move("chiara", "issue", "nights", "close", fields{"no_action_reason": "The trial is watched by the liaison committee."})
}

// confidences are what not everybody may see.
func (t *teller) confidences() {
	t.at(180, 9).enter("chiara", "stakeholder", "buyer", fields{
		"name": "Prospective buyer of the east quay", "kind": "organisation", "roles": []string{"investor"}, "seniority": "senior", "sensitivity": "restricted", "owner_id": "@chiara",
		"basis": []fields{{"basis": "affects", "subject_type": "decision", "subject": "The sale of the east quay"}},
	})
	t.assess(179, "chiara", "buyer", scores{4, 5, 2, 4, 1}, "supportive", "supportive", "Asked for silence until the board has met.")
	t.at(120, 9).enter("ben", "stakeholder", "source", fields{
		"name": "A foreman who speaks in confidence", "kind": "individual", "lawful_basis": "legitimate_interests", "roles": []string{"employee"}, "side": "internal",
		"sensitivity": "confidential", "owner_id": "@ana", "basis": []fields{{"basis": "affected", "subject_type": "activity", "subject": "Safety on the night shift"}},
	})
}
