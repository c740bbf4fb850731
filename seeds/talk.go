package seeds

import (
	"encoding/json"
	"fmt"
	"strings"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// remarks are what the people of the house say to each other beside their records,
// and the file that one of them was waiting for.
func (t *teller) remarks() {
	t.at(701, 10).say("ana", "issue", "nights", "", "@ben the lorries come from two haulage firms only. Can you speak to their dispatchers before we go to the board?")
	t.at(700, 9).say("ben", "issue", "nights", "", "@ana both agreed to be called after 22:00 when a berth is late.")
	t.at(10, 11).say("ana", "stakeholder", "residents", "asked", "@hana they ask for the lorry counts of the autumn, night by night. Do we have them?")
	t.at(9, 14).attach("hana", "stakeholder", "residents", "lorry-counts-autumn.csv", "Lorries between 22:00 and 06:00, counted at the north gate.", lorries)
	t.at(9, 14).reply("hana", "stakeholder", "residents", "asked", "@ana attached. October is lower because of the crane's repair; please say so when you send them.")
}

const lorries = "month,nights counted,lorries,busiest night\n2026-09,30,412,31\n2026-10,31,268,22\n2026-11,15,201,27\n"

// say has somebody comment on a record, which the story then calls by name.
func (t *teller) say(who, noun, record, name, text string) {
	t.comment(who, noun, record, name, fields{"body": text})
}

// reply has somebody answer a comment.
func (t *teller) reply(who, noun, record, to, text string) {
	t.comment(who, noun, record, "", fields{"body": text, "reply_to_id": t.ids[to]})
}

func (t *teller) comment(who, noun, record, name string, f fields) {
	f["visibility"] = "internal"
	if t.err != nil {
		return
	}
	raw, err := json.Marshal(f) // as it is said: @ana names a person here
	if err != nil {
		t.err = err
		return
	}
	body, err := register.ParseBody(raw)
	if err != nil {
		t.err = err
		return
	}
	a, err := t.ledger.Say(t.as(who), register.ByName(noun), t.ids[record], body, ledger.Asked{})
	if err != nil {
		t.err = fmt.Errorf("%s comments on the %s %s: %w %v", who, noun, record, err, fault.Of(err).Fields)
		return
	}
	if name != "" {
		var made struct{ ID string }
		t.err = json.Unmarshal(a.Body, &made)
		t.ids[name] = made.ID
	}
}

// attach has somebody put a file beside a record.
func (t *teller) attach(who, noun, record, name, description, content string) {
	if t.err != nil {
		return
	}
	taken, err := t.ledger.DB.Files().Take(strings.NewReader(content), int64(len(content)))
	if err == nil {
		up := ledger.Upload{Taken: taken, FileName: name, AttachmentInput: ledger.AttachmentInput{Description: description}}
		_, err = t.ledger.Attach(t.as(who), register.ByName(noun), t.ids[record], up, ledger.Asked{})
	}
	if err != nil {
		t.err = fmt.Errorf("%s attaches %s to the %s %s: %w", who, name, noun, record, err)
	}
}
