package seeds

// harbour tells the thread that runs through the demonstration: the port wants to
// unload at night, the neighbours cannot sleep, and the board has to decide.
func (t *teller) harbour() {
	t.ownFields()
	t.neighbours()
	t.houses()
	t.acquainted()
	t.sets()
	t.views()
	t.nights()
	t.remedies()
	t.shared()
	t.lessons()
	t.grievances()
	t.remarks()
	t.confidences()
}

// ownFields are what the port keeps of stakeholders beyond what every register does.
func (t *teller) ownFields() {
	declare := func(key, label, doc, typ string, f fields) {
		for name, value := range (fields{"collection": "stakeholders", "key": key, "label": label, "doc": doc, "type": typ, "filterable": true}) {
			f[name] = value
		}
		t.enter("dagny", "custom_field", "", f)
	}
	t.at(731, 9)
	declare("region", "Region", "The side of the harbour on which they live or work.", "enum", fields{"options": []string{"north", "south", "town"}})
	declare("berths", "Berths", "How many berths they use.", "number", fields{})
	declare("retainer_until", "Retainer until", "How long they are paid for speaking on our behalf.", "date", fields{"sensitivity": "restricted"})
}

// neighbours are the people who live beside the harbour.
func (t *teller) neighbours() {
	t.at(730, 9).enter("ana", "stakeholder", "residents", fields{
		"name": "Riverside Residents", "kind": "group", "roles": []string{"community"}, "owner_id": "@ana", "tags": []string{"noise", "harbour"}, "custom_fields": fields{"region": "north"},
		"description": "Some 340 households between the quay and the river, who act together since the night shift began.",
		"basis":       []fields{{"basis": "affected", "subject_type": "activity", "subject": "Unloading at night"}},
		"channels":    []fields{{"channel": "email", "address": "board@riverside-residents.example", "preferred": true, "consent": "granted", "consent_on": t.day(730), "lawful_basis": "consent"}},
		"country":     "GB", "language": "en", "identified_via": "interview",
	})
	t.enter("ana", "stakeholder", "ioana", t.human("Ioana Marin", "ioana.marin@riverside-residents.example", "community"))
	t.enter("ana", "stakeholder", "george", t.human("George Whitfield", "george@riverside-residents.example", "community"))
	t.assess(728, "ana", "residents", scores{2, 5, 4, 5, -2}, "resistant", "supportive", "They have been told nothing and learned of it from the lorries.")
	t.assess(540, "ana", "residents", scores{3, 5, 4, 5, -1}, "resistant", "supportive", "A petition with 1,200 names gave them a voice in the council.")
	t.assess(300, "ana", "residents", scores{3, 5, 5, 4, 0}, "neutral", "supportive", "The noise wall stands and the trial of quiet nights is kept.")
	t.assess(60, "ana", "residents", scores{4, 5, 5, 3, 1}, "supportive", "supportive", "They sit on the harbour's liaison committee now.")
}

// human is what is written of a natural person.
func (t *teller) human(name, email string, roles ...string) fields {
	return fields{
		"name": name, "kind": "individual", "roles": roles, "lawful_basis": "legitimate_interests", "owner_id": "@ana", "country": "GB", "language": "en",
		"basis":    []fields{{"basis": "affected", "subject_type": "activity", "subject": "The harbour's operations"}},
		"channels": []fields{{"channel": "email", "address": email, "preferred": true, "consent": "granted", "consent_on": t.day(700), "lawful_basis": "legitimate_interests"}},
	}
}

// houses are the organisations of the thread, all of them invented.
func (t *teller) houses() {
	t.at(725, 10).enter("dagny", "stakeholder", "board", fields{
		"name": "Eastmere Harbour Board", "kind": "organisation", "roles": []string{"owner", "government"}, "seniority": "most_senior", "owner_id": "@dagny",
		"basis": []fields{{"basis": "affects", "subject_type": "decision", "subject": "The hours of the harbour"}}, "country": "GB", "identified_via": "register",
	})
	t.enter("chiara", "stakeholder", "quay", fields{
		"name": "Quay Logistics", "kind": "organisation", "roles": []string{"customer"}, "seniority": "senior", "client_tier": "largest", "owner_id": "@chiara",
		"custom_fields": fields{"region": "south", "berths": 4},
		"basis":         []fields{{"basis": "affected", "subject_type": "service", "subject": "Berths and cranes at night"}}, "country": "GB", "identified_via": "register",
	})
	t.enter("ben", "stakeholder", "council", fields{
		"name": "Eastmere Town Council", "kind": "organisation", "roles": []string{"regulator", "government"}, "seniority": "senior", "owner_id": "@chiara",
		"basis": []fields{{"basis": "affects", "subject_type": "decision", "subject": "The noise permit"}}, "country": "GB",
	})
	t.enter("ben", "stakeholder", "herald", fields{
		"name": "The Eastmere Herald", "kind": "organisation", "roles": []string{"media"}, "owner_id": "@ben", "custom_fields": fields{"region": "town"},
		"basis": []fields{{"basis": "perceives_affected", "subject_type": "change", "subject": "The extension of the harbour"}}, "country": "GB",
	})
	t.enter("ben", "stakeholder", "dockers", fields{
		"name": "Dock Workers of Eastmere", "kind": "group", "roles": []string{"union", "employee"}, "side": "internal", "owner_id": "@ben",
		"basis": []fields{{"basis": "affected", "subject_type": "change", "subject": "Night shifts"}}, "country": "GB",
	})
	t.assess(724, "dagny", "board", scores{5, 4, 5, 3, 0}, "neutral", "leading", "It has the last word on the hours, and has not looked at them yet.")
	t.assess(200, "dagny", "board", scores{5, 5, 5, 4, 1}, "supportive", "leading", "The chair follows the trial of quiet nights herself.")
	t.assess(722, "chiara", "quay", scores{4, 5, 3, 4, 1}, "supportive", "supportive", "A third of the harbour's turnover.")
	t.assess(210, "chiara", "quay", scores{4, 5, 3, 5, -1}, "resistant", "supportive", "Quiet nights cost them two berths a week.")
	t.assess(720, "chiara", "council", scores{5, 3, 5, 2, 0}, "neutral", "supportive", "The permit comes up again next year.")
	t.assess(719, "ben", "herald", scores{3, 2, 2, 2, 0}, "neutral", "neutral", "Reports on what is said at meetings.")
	t.assess(718, "ben", "dockers", scores{3, 5, 4, 3, 0}, "neutral", "supportive", "Their rota hangs on the hours.")
	t.contacts()
}

// contacts gives the houses their single points of contact, and qualifies them.
func (t *teller) contacts() {
	for _, c := range []struct{ of, by, to, deputy string }{
		{"residents", "ben", "ana", "goran"},
		{"board", "dagny", "dagny", "ines"},
		{"quay", "chiara", "chiara", "hana"},
		{"council", "chiara", "chiara", "ben"},
		{"herald", "ben", "ben", "ana"},
		{"dockers", "ben", "ben", "goran"},
	} {
		t.spoc(715, c.of, c.by, c.to, c.deputy)
		t.at(714, 11).move(c.by, "stakeholder", c.of, "qualify", nil)
	}
}

// spoc proposes a contact and has them accept.
func (t *teller) spoc(daysAgo int, of, by, to, deputy string) {
	name := "contact of " + of + " by " + to
	t.at(daysAgo, 10).enter(by, "spoc_assignment", name, fields{"stakeholder_id": "@" + of, "user_id": "@" + to, "deputy_id": "@" + deputy})
	t.at(daysAgo, 14).move(to, "spoc_assignment", name, "accept", fields{"open_items_acknowledged": true})
}

// acquainted says who knows whom.
func (t *teller) acquainted() {
	t.at(700, 9)
	for _, r := range []struct {
		from, kind, to string
		strength       int
		more           fields
	}{
		{"ioana", "contact_for", "residents", 2, fields{"role": "Speaker", "is_primary": true}},
		{"george", "contact_for", "residents", 1, fields{"role": "Treasurer"}},
		{"residents", "opposes", "quay", -2, nil},
		{"dockers", "allied_with", "residents", 1, nil},
		{"council", "regulates", "quay", 0, nil},
		{"board", "influences", "council", 1, fields{"facilitated_by_id": "@chiara"}},
		{"herald", "influences", "council", 0, nil},
	} {
		f := fields{"from_id": "@" + r.from, "to_id": "@" + r.to, "type": r.kind, "strength": r.strength, "from_on": t.day(700)}
		for k, v := range r.more {
			f[k] = v
		}
		name := r.from + " " + r.kind + " " + r.to
		t.enter("ben", "relationship", name, f)
		t.move("ben", "relationship", name, "confirm", nil)
	}
}

// sets are the groups that we made for ourselves.
func (t *teller) sets() {
	t.at(690, 9).enter("ben", "group", "hearing", fields{"name": "All who hear the harbour", "purpose": "Told before every change of the hours.", "owner_id": "@ben"})
	t.enter("ben", "group", "neighbours", fields{"name": "Neighbours of the harbour", "purpose": "Invited to the liaison committee.", "parent_id": "@hearing", "owner_id": "@ana"})
	t.enter("ben", "group", "authorities", fields{"name": "Authorities", "purpose": "Bodies that permit, inspect or fund.", "owner_id": "@chiara"})
	t.enter("ben", "group", "customers", fields{"name": "Customers of the port", "purpose": "Who berths with us.", "owner_id": "@chiara"})
	for _, m := range [][2]string{{"residents", "neighbours"}, {"ioana", "neighbours"}, {"dockers", "hearing"}, {"council", "authorities"}, {"board", "authorities"}, {"quay", "customers"}} {
		t.enter("ben", "membership", "", fields{"group_id": "@" + m[1], "stakeholder_id": "@" + m[0], "from_on": t.day(690)})
	}
	t.enter("ben", "membership", "george in neighbours", fields{"group_id": "@neighbours", "stakeholder_id": "@george", "from_on": t.day(690)})
	t.at(250, 9).move("ben", "membership", "george in neighbours", "end", fields{"to_on": t.day(250)})
	t.enter("ben", "view", "open gaps", fields{
		"slug": "open-gaps", "name": "Where support falls short", "collection": "stakeholders", "shared_with": "team",
		"filter": map[string]any{"and": []any{
			map[string]any{"field": "gap_open", "op": "eq", "value": true},
			map[string]any{"not": map[string]any{"field": "state", "op": "eq", "value": "archived"}},
		}}, "sort": "-gap", "fields": []string{"ref", "name", "gap", "owner.name"},
	})
}

// views are the lists that people come back to.
func (t *teller) views() {
	t.at(20, 9).enter("ben", "view", "view: open nights", fields{
		"slug": "open-issues", "name": "Issues that are open", "collection": "issues", "shared_with": "all", "sort": "-updated_at", "fields": []string{"ref", "title", "state", "severity", "owner.name"},
		"filter": fields{"field": "state", "op": "nin", "value": []string{"closed"}},
	})
	t.at(20, 9).enter("ben", "view", "view: gaps", fields{
		"slug": "wide-gaps", "name": "Stakeholders far from where they should stand", "collection": "stakeholders", "shared_with": "all", "sort": "-gap",
		"filter": fields{"field": "gap", "op": "gte", "value": 2},
	})
}
