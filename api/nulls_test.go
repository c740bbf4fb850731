package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// blanks lists where a value holds an empty text.
func blanks(v any, at string) (found []string) {
	switch v := v.(type) {
	case string:
		if v == "" {
			found = append(found, at)
		}
	case []any:
		for _, item := range v {
			found = append(found, blanks(item, at+"[]")...)
		}
	case map[string]any:
		for name, member := range v {
			found = append(found, blanks(member, at+"."+name)...)
		}
	}
	return found
}

func blanksOf(r *testkit.Reply) []string {
	var v any
	_ = json.Unmarshal(r.Body, &v)
	return blanks(v, "")
}

// No value is null, never an empty text: in no member of any noun's sample.
func TestNoValueIsNull(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	for _, n := range register.All() {
		if sample, _, _ := seeds.SampleOf(n.Name); sample.Create == nil {
			continue
		}
		if found := blanksOf(h.Make(n, nil)); len(found) > 0 {
			t.Errorf("%s: empty texts at %v", n.Name, found)
		}
	}
}

// Inside lists and objects no value is null too, on the way out and on the way in,
// and what was read can be sent back without being a change.
func TestNoValueInsideAListIsNull(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group",
		"channels":[{"channel":"email","address":"river@example.org","consent_on":null,"lawful_basis":null}],
		"external_ids":[{"system":"crm","key":"7","url":null,"status":""}]}`).Want(201)
	for path, want := range map[string]any{"channels.0.consent_on": nil, "channels.0.lawful_basis": "none", "external_ids.0.url": nil, "external_ids.0.status": nil, "external_ids.0.synced_at": nil} {
		if got := party.Value(path); got != want {
			t.Errorf("%s is %v, not %v", path, got, want)
		}
	}
	path := "/stakeholders/" + party.ID()
	for _, same := range []string{string(party.Body), `{"external_ids":[{"system":"crm","key":"7"}]}`, `{"external_ids":[{"system":"crm","key":"7","status":"","url":null}]}`} {
		if back := l4.Patch(path, same).Want(200); back.Text("version") != "1" {
			t.Errorf("sent back, it became version %s: %s", back.Text("version"), same)
		}
	}
	l4.Get("/stakeholders?channels.any=river@example.org&q=river").Want(200)
	l4.Patch(path, `{"external_ids":[{"system":"crm","key":"7","status":"open"}]}`).Want(200)
	if found := blanksOf(l4.Get(path + "/changes").Want(200)); len(found) > 0 {
		t.Errorf("the history tells of empty texts at %v", found)
	}
}

// What is said once in structured values stays so when its record is frozen: sent
// back as it was read, it is no attempt to change it.
func TestNullsOfFrozenRecordsComeBack(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party := l4.Post("/stakeholders", `{"name":"Harbour Board","kind":"group"}`).Want(201)
	talk := l4.Post("/interactions", `{"channel":"call","direction":"inbound","occurred_at":"now-1h","summary":"Noise at night.","sentiment":"neutral",
		"stakeholder_ids":["`+party.ID()+`"],"discussion_points":[{"topic":"Noise at night"}]}`).Want(201)
	if talk.Value("discussion_points.0.text") != nil || talk.Value("discussion_points.0.outcome") != nil || talk.Text("discussion_points.0.topic") != "Noise at night" {
		t.Errorf("the discussion points are %v", talk.Value("discussion_points"))
	}
	if back := l4.Patch("/interactions/"+talk.ID(), string(talk.Body)).Want(200); back.Text("version") != "1" {
		t.Errorf("sent back, it became version %s", back.Text("version"))
	}
	concern := l4.Get(raised(h, fields{"stakeholder_id": party.ID(), "reporter_contact": fields{"name": "Ana Pop"}})).Want(200)
	if concern.Text("reporter_contact.name") != "Ana Pop" || len(blanksOf(concern)) > 0 {
		t.Errorf("the reporter is %v", concern.Value("reporter_contact"))
	}
}

// A file that says again what the register holds changes nothing, empty texts or not.
func TestImportOfWhatIsThereChangesNothing(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party := l4.Post("/stakeholders", `{"name":"Riverside Residents","kind":"group","channels":[{"channel":"email","address":"river@example.org"}],
		"external_ids":[{"system":"crm","key":"7"}],"basis":[]}`).Want(201)
	var line strings.Builder
	_ = json.NewEncoder(&line).Encode(map[string]any{"external_id.crm": "7", "name": "Riverside Residents", "kind": "group", "email": "River@example.org", "channels": party.Value("channels")})
	got := l4.With("Content-Type", "application/x-ndjson").Post("/imports?collection=stakeholders&mode=commit&match=external_id&external_system=crm", line.String()).Want(202)
	h.RunJobs()
	im := l4.Get("/imports/" + got.ID()).Want(200)
	if im.Text("report.unchanged") != "1" || im.Text("state") != "committed" {
		t.Errorf("not unchanged: %s\n%s", im.Body, l4.Get("/imports/"+got.ID()+"/errors").Body)
	}
}
