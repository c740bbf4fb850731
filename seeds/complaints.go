package seeds

import (
	"fmt"
	"strings"
)

// grievance is a complaint of the demonstration, and how far it went.
type grievance struct {
	title, text, category, severity, channel string
	from                                     string // "@name" of a stakeholder, "Name <address>", or "" for nobody who wants to be known
	days                                     int    // ago
	steps                                    string // one a day
	cause                                    string
	decides                                  string // by default ben
}

// grievances are what people held against the port. Those about quiet nights come again.
var grievances = []grievance{
	{"Lorries on the first quiet night", "The trial began on Monday, and on Monday they came.", "environment", "medium", "email", "@residents", 338, "ack assess investigate propose approve accept", "planning", ""},
	{"Lorries on a quiet night again", "Three of them, at two in the morning.", "environment", "medium", "email", "@residents", 300, "ack assess investigate propose approve accept", "communication", ""},
	{"And again", "It is the third time since the trial began.", "environment", "high", "letter", "@residents", 285, "ack assess investigate update propose return", "planning", ""},
	{"No answer to two letters", "I wrote in March and in April.", "communication", "low", "letter", "@george", 250, "ack assess front frontclose", "people", ""},
	{"The chair waited at the gate for an hour", "Nobody at the gate knew of the visit.", "conduct", "low", "call", "@board", 220, "ack assess investigate propose approve accept", "information", "dagny"},
	{"Berths given away without a word", "Two of ours were closed on a Thursday; we read of it on Friday.", "contract", "medium", "email", "@quay", 200, "ack assess investigate await resume propose approve reject propose approve2 close_rejected", "communication", "chiara"},
	{"Dust on the washing", "The coal was not covered.", "environment", "low", "call", "Petra Marsh <petra.marsh@mail.example>", 190, "ack assess front frontclose", "equipment", ""},
	{"Oil on the path along the quay", "A child slipped.", "safety", "high", "portal", "Hugo Castell <hugo.castell@mail.example>", 170, "ack assess investigate extend propose approve", "equipment", "chiara"},
	{"Not told of the roadworks", "The bus did not run for a week.", "communication", "medium", "portal", "Mina Dorn <mina.dorn@mail.example>", 160, "ack assess unfounded", "", ""},
	{"The foreman shouts", "At me, before everybody.", "conduct", "medium", "letter", "", 150, "ack assess investigate propose approve accept", "people", ""},
	{"An invoice for a berth that we did not use", "See the log of the harbour master.", "billing", "medium", "email", "@quay", 140, "ack assess front frontclose", "process", "chiara"},
	{"Lights into the bedroom", "Since the new masts were put up.", "environment", "medium", "email", "Rosa Keller <rosa.keller@mail.example>", 120, "ack assess investigate propose approve reject", "design", ""},
	{"Quoted wrongly", "I never said that the port was glad of the petition.", "communication", "low", "email", "@herald", 110, "ack assess withdraw", "", ""},
	{"The noise permit is not kept", "We hold the minutes of eleven nights.", "environment", "high", "letter", "@council", 95, "ack assess investigate refer result", "", ""},
	{"Forty calls and no peace", "I shall call until the cranes are silent.", "environment", "low", "call", "Uwe Brandt <uwe.brandt@mail.example>", 80, "ack assess flag investigate propose approve", "planning", ""},
	{"Rota changed overnight", "Again nobody asked the night shift.", "communication", "medium", "message", "@dockers", 60, "ack assess investigate await", "planning", ""},
	{"Smell of fish at the school", "On every warm day.", "environment", "medium", "portal", "Elif Holm <elif.holm@mail.example>", 45, "ack assess investigate propose", "equipment", ""},
	{"Lorries on a quiet night", "Last night, four of them.", "environment", "medium", "email", "@residents", 33, "ack assess investigate propose approve", "planning", ""},
	{"Lorries on a quiet night, once more", "They had said sorry the week before.", "environment", "high", "email", "@residents", 24, "ack assess investigate update", "", ""},
	{"A letter from the chair that nobody answered", "The board asked for figures every month.", "information", "medium", "letter", "@board", 20, "ack assess investigate propose", "process", ""},
	{"Closed footpath without a sign", "We walked back two miles.", "access", "low", "social", "Jonas Eklund <jonas.eklund@mail.example>", 15, "ack assess front", "", ""},
	{"My data on a list at the gate", "With my telephone number.", "privacy", "critical", "email", "Vera Lindqvist <vera.lindqvist@mail.example>", 12, "ack assess investigate", "", ""},
	{"Parking across our drive", "A tractor of the terminal, all day.", "conduct", "low", "call", "Samir Grieve <samir.grieve@mail.example>", 6, "ack assess", "", ""},
	{"A crate on the cycle path", "Since Friday.", "safety", "medium", "portal", "", 4, "ack", "", ""},
	{"Lorries at night in spite of the quiet nights", "On three nights of last week they unloaded until four.", "environment", "medium", "email", "Ioana Marin <ioana.marin@riverside-residents.example>", 1, "", "", ""},
}

// grievances tells of the complaints of the two years.
func (t *teller) grievances() {
	for i, g := range grievances {
		name := fmt.Sprintf("complaint %d", i+1)
		t.enter("emil", "complaint", name, t.grievance(g))
		for n, step := range strings.Fields(g.steps) {
			t.deal(name, g, step, max(g.days-1-n, 0))
		}
	}
	t.cures()
}

// grievance is what is written of a complaint when it comes in.
func (t *teller) grievance(g grievance) fields {
	f := fields{
		"title": g.title, "description": g.text, "category": g.category, "severity": g.severity, "channel": g.channel,
		"received_at": t.at(g.days, 8).now, "tags": []string{"complaint"},
	}
	if strings.Contains(g.title, "uiet night") {
		f["subject"], f["tags"], f["remedy_sought"] = "Unloading at night", []string{"complaint", "noise"}, "Keep the promise of quiet nights."
	}
	switch name, address, named := strings.Cut(strings.TrimSuffix(g.from, ">"), " <"); {
	case g.from == "":
		f["anonymous"] = true
	case named:
		f["complainant"] = fields{"name": name, "email": address}
	default:
		f["stakeholder_id"] = g.from
	}
	t.at(g.days, 9)
	return f
}

// deal takes a complaint one step further.
func (t *teller) deal(name string, g grievance, step string, daysAgo int) {
	t.at(daysAgo, 10)
	decides, looks, settles := "ben", "ana", "ana"
	if g.decides != "" {
		decides, settles = g.decides, g.decides
	}
	if g.category == "safety" || g.severity == "high" || g.severity == "critical" || g.from == "@board" {
		looks = "chiara"
	}
	told := fields{"told_channel": "letter"}
	agreed := fields{"complainant_answer": "accepted", "answered_on": t.day(daysAgo), "answer_evidence": "E-mail", "remedy_done_on": t.day(daysAgo), "satisfaction": 3 + len(name)%3}
	recourse := fields{"recourse_told_on": t.day(daysAgo), "recourse_channel": "letter", "external_recourse": "Ports Ombudsman"}
	do := func(who, transition string, parts ...fields) {
		all := fields{}
		for _, part := range parts {
			for k, v := range part {
				all[k] = v
			}
		}
		t.move(who, "complaint", name, transition, all)
	}
	switch step {
	case "ack":
		do("ana", "acknowledge", fields{"acknowledgement": "Your complaint is with Ana Pop, who comes back to you within twenty working days.", "acknowledged_channel": g.channel})
	case "assess":
		do(looks, "assess", scoresOf(g), fields{"assignee_id": "@ana"})
	case "front":
		do("ana", "resolve_frontline")
	case "frontclose":
		do(settles, "accept_frontline", agreed, fields{"remedies": []fields{{"remedy": "apologise"}}, "cause_category": g.cause, "upheld": "upheld", "remedy_value": fields{"amount": "40.00", "currency": "EUR"}})
	case "investigate":
		do(looks, "investigate")
	case "update":
		do("ana", "record_update", fields{"progress": "We have the log of the gate, and ask the shift.", "progress_channel": "email"})
	case "extend":
		do("ben", "extend", fields{"extended_until": t.day(daysAgo - 60), "extension_channel": "letter", "reason": "The laboratory needs four weeks."})
	case "await":
		do("ana", "await", fields{"question": "On which days was it?", "question_channel": "email"})
	case "resume":
		do("ana", "resume")
	case "propose":
		do("ana", "propose_response", fields{
			"findings": "It happened as told; whoever was on duty had not been informed.", "upheld": "upheld", "cause_category": g.cause,
			"remedies": []fields{{"remedy": "apologise", "detail": "A letter of the harbour master."}, {"remedy": "correct", "detail": "The rota says what was promised."}},
		})
	case "return":
		do("ben", "return", fields{"reason": "Say what changes in the berth plan."})
	case "approve":
		do(decides, "approve", told)
	case "approve2":
		do("dagny", "approve", told)
	case "accept":
		do("ana", "accept", agreed, fields{"satisfaction_comment": "It took its time, and it was fair."})
	case "reject":
		do("ana", "reject", recourse, fields{"reason": "A letter changes nothing."})
	case "close_rejected":
		do("chiara", "close_rejected", recourse, fields{"options_exhausted": "A review by the head of relationship management; a rebate was offered twice."})
	case "unfounded":
		do("ben", "close_unfounded", told, fields{"reason": "The roadworks were the council's."})
	case "withdraw":
		do("ana", "withdraw", fields{"withdrawn_on": t.day(daysAgo), "withdrawal_evidence": "Call of the editor."})
	case "refer":
		do("ben", "refer_external", fields{"referred_to": "Environment Agency", "referred_on": t.day(daysAgo), "reason": "It decides on the permit."})
	case "result":
		do("ana", "record_result", fields{"referral_result": "The permit was kept on nine of the eleven nights."})
	case "flag":
		do("ben", "flag_conduct", fields{"conduct_reason": "Forty calls a day, with insults.", "conduct_review_on": t.day(daysAgo - 90)})
	}
}

// scoresOf are the scores of an assessment: what is small is simple.
func scoresOf(g grievance) fields {
	score := map[string]int{"low": 1, "medium": 3, "high": 4, "critical": 5}[g.severity]
	list := []fields{}
	for _, c := range []string{"severity", "safety", "complexity", "impact", "immediate_action"} {
		s := score
		if c == "safety" && g.category != "safety" || c == "complexity" && g.category == "billing" {
			s = 1
		}
		list = append(list, fields{"criterion": c, "score": s})
	}
	return fields{"criteria": list, "conflict_of_interest": "none"}
}
