package seeds

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
)

//go:embed organisations.csv
var organisations string

// crowd fills the two years with everybody else: public bodies that exist, and
// invented people who speak for them.
func (t *teller) crowd() {
	rows, err := csv.NewReader(strings.NewReader(organisations)).ReadAll()
	if err != nil {
		t.err = err
		return
	}
	for i, row := range rows[1:] {
		t.publicBody(i, row)
	}
}

var (
	givenNames  = []string{"Amara", "Boris", "Celia", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ilse", "Jonas", "Keiko", "Luca", "Mina", "Noor", "Oskar", "Petra", "Rosa", "Samir", "Tilda", "Uwe", "Vera", "Wiktor", "Yara", "Zeno"}
	familyNames = []string{"Abara", "Brandt", "Castell", "Dorn", "Eklund", "Fontana", "Grieve", "Holm", "Ivarsson", "Jansen", "Keller", "Lindqvist", "Marsh", "Nagy", "Orlov", "Pires", "Quist", "Rademaker", "Sandoval", "Thorne", "Ulrich", "Varga", "Weiss", "Zimmer"}
	keepers     = []string{"ana", "goran", "ben", "hana", "chiara"}
	topics      = []string{"The extension of the harbour", "Dredging in spring", "Shore power for ships at berth", "The new lorry lane", "Open day of the port", "Figures for the yearly report", "Training of pilots", "Flood protection"}
	outcomes    = []string{"They asked for the drawings.", "Agreed to meet again in a quarter.", "No objection, some questions.", "They offered their data.", "A date for a visit was set.", "They want to be told earlier next time."}
	channels    = []string{"call", "email", "video", "in_person", "letter", "event"}
	feelings    = []string{"neutral", "positive", "neutral", "positive", "very_positive", "neutral", "negative"}
	engagements = []string{"unaware", "neutral", "neutral", "supportive", "supportive", "leading"}
)

// publicBody enters one public body, who speaks for it, and what passed with it.
func (t *teller) publicBody(i int, row []string) {
	org, human := fmt.Sprintf("org %d", i), fmt.Sprintf("human %d", i)
	keeper := keepers[i%len(keepers)]
	since := 690 - 4*i
	f := fields{
		"name": row[0], "kind": "organisation", "roles": []string{pick(t, []string{"government", "regulator", "partner", "academia"})}, "owner_id": "@" + keeper,
		"basis":          []fields{{"basis": pick(t, []string{"affects", "affected", "perceives_affected"}), "subject_type": "change", "subject": pick(t, topics)}},
		"identified_via": "register", "tags": []string{strings.ToLower(row[1])}, "external_ids": []fields{{"system": "publicbodies", "key": row[3]}},
	}
	if row[1] != "" {
		f["country"] = row[1]
	}
	if row[2] != "" {
		f["website"] = row[2]
	}
	t.at(since, 9).enter(keeper, "stakeholder", org, f)
	if i%9 == 8 {
		return // a prospect that nobody has got round to
	}
	t.measured(org, keeper, since)
	if i%2 == 0 {
		t.spokesperson(i, org, human, keeper, since)
	}
	t.dealings(i, org, keeper, since)
	t.lived(i, org, keeper, since)
}

// measured assesses a body two or three times.
func (t *teller) measured(org, keeper string, since int) {
	level := t.dice.IntN(len(engagements))
	for n, day := 0, since-3; day > 10 && n < 3; n, day = n+1, day-220 {
		current := engagements[min(level+n, len(engagements)-1)]
		t.assess(day, keeper, org, scores{1 + t.dice.IntN(5), 1 + t.dice.IntN(5), 1 + t.dice.IntN(5), 1 + t.dice.IntN(4), t.dice.IntN(3)}, current,
			pick(t, []string{"supportive", "supportive", "neutral", "leading"}), pick(t, outcomes))
	}
}

// spokesperson enters an invented person to call at a body.
func (t *teller) spokesperson(i int, org, human, keeper string, since int) {
	name := givenNames[i%len(givenNames)] + " " + familyNames[(i*7+i/24)%len(familyNames)]
	mail := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + fmt.Sprintf("%d@speaks.example", i)
	person := t.human(name, mail, "partner")
	person["owner_id"] = "@" + keeper
	t.at(since-1, 9).enter(keeper, "stakeholder", human, person)
	rel := human + " for " + org
	t.enter(keeper, "relationship", rel, fields{"from_id": "@" + human, "to_id": "@" + org, "type": "contact_for", "role": "Liaison", "is_primary": true, "from_on": t.day(since - 1)})
	t.move(keeper, "relationship", rel, "confirm", nil)
	group := pick(t, []string{"authorities", "customers", "hearing"})
	t.enter(keeper, "membership", "", fields{"group_id": "@" + group, "stakeholder_id": "@" + org, "from_on": t.day(since - 1)})
}

// dealings logs what passed with a body, and the issues that came of it.
func (t *teller) dealings(i int, org, keeper string, since int) {
	for day := since - 5 - t.dice.IntN(40); day > 2; day -= 70 + t.dice.IntN(90) {
		t.talk(day, keeper, pick(t, channels), pick(t, []string{"inbound", "outbound", "mutual"}), pick(t, feelings), pick(t, topics), pick(t, outcomes), org)
	}
	if i%4 == 1 {
		t.issue(i, org, keeper, max(5, since-60))
	}
	if i%5 == 2 {
		t.at(20, 9).enter(keeper, "follow_up", "", fields{"title": "Answer about " + strings.ToLower(pick(t, topics)), "stakeholder_id": "@" + org, "owner_id": "@" + keeper, "due_on": t.day(t.dice.IntN(30) - 15)})
	}
}

// issue raises an issue and takes it some way, each a little further than the last.
func (t *teller) issue(i int, org, keeper string, day int) {
	name := fmt.Sprintf("issue %d", i)
	topic, severity := pick(t, topics), pick(t, []string{"low", "medium", "medium", "high"})
	t.at(day, 9).enter(keeper, "issue", name, fields{
		"title": "Questions about " + strings.ToLower(topic), "description": "Raised in a call; they want an answer in writing.", "category": "information",
		"severity": severity, "urgency": pick(t, []string{"low", "medium", "high"}), "channel": "call", "stakeholder_id": "@" + org,
	})
	assessor := keeper
	if severity == "high" {
		assessor = "ben" // calling it less takes level 5
	}
	steps := []func(int){
		func(d int) {
			t.at(d, 9).move(assessor, "issue", name, "triage", fields{
				"category": "information", "severity": pick(t, []string{"low", "medium"}), "urgency": "medium", "owner_id": "@" + keeper,
				"affected_stakeholder_ids": []string{"@" + org}, "assignee_id": "@" + keeper,
			})
		},
		func(d int) { t.at(d, 9).move(keeper, "issue", name, "start", nil) },
		func(d int) {
			t.at(d, 9).move("ben", "issue", name, "propose_resolution", fields{"resolution": "A written answer with the drawings.", "effects": []fields{{"stakeholder_id": "@" + org, "effect": "They have what they asked for."}}})
		},
		func(d int) {
			t.at(d, 9).move(keeper, "issue", name, "accept_resolution", fields{"party_answer": "accepted", "party_answered_on": t.day(d), "answer_evidence": "E-mail"})
		},
		func(d int) {
			t.at(d, 9).move(keeper, "issue", name, "close", fields{"no_action_reason": "A single question, answered."})
		},
	}
	for n := range min(i/4%6, len(steps)) {
		if day -= 1 + n; day > 0 {
			steps[n](day)
		}
	}
}

// lived takes a body through its life: most are active, some rest, a few are gone.
func (t *teller) lived(i int, org, keeper string, since int) {
	to := keeper
	deputies := map[string]string{"ana": "goran", "goran": "ana", "ben": "hana", "hana": "ben", "chiara": "ines"}
	t.spoc(since-6, org, "ben", to, deputies[to])
	t.at(since-7, 9).move("ben", "stakeholder", org, "qualify", nil)
	switch {
	case i%17 == 5:
		t.at(30, 9).move("ben", "stakeholder", org, "go_dormant", fields{"reason": "Nothing has happened for a year."})
	case i%13 == 3:
		t.handover(i, org, to)
	}
}

// handover passes a body on to another contact.
func (t *teller) handover(_ int, org, from string) {
	next := "goran"
	if from == "goran" {
		next = "ana"
	}
	t.spoc(90, org, "ben", next, "hana")
}
