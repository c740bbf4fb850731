package api_test

import (
	"net/url"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// declare has a person of level 7 declare a field of stakeholders, and answers its path.
func declare(h *testkit.House, key, typ string, more fields) string {
	h.T.Helper()
	body := fields{"collection": "stakeholders", "key": key, "label": key, "type": typ, "filterable": true}
	for name, value := range more {
		body[name] = value
	}
	return "/custom-fields/" + h.As("l7").Post("/custom-fields", body).Want(201).Text("ref")
}

// of enters a stakeholder with custom fields and answers its path.
func of(h *testkit.House, name string, custom fields) string {
	h.T.Helper()
	return "/stakeholders/" + h.As("l4").Post("/stakeholders", fields{"name": name, "kind": "group", "custom_fields": custom}).Want(201).Text("ref")
}

// Fields that nobody declared are refused, inside custom_fields too; those that
// were are kept as their type has it, whatever their values were spelt like.
func TestCustomFieldsAreDeclaredAndThenWritten(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	l4.Post("/stakeholders", `{"name":"Quay","kind":"group","custom_fields":{"region":"north"}}`).Code(422, "validation-failed").Fault("#/custom_fields/region", "unknown_field")
	h.As("l5").Post("/custom-fields", `{"collection":"stakeholders","key":"region","type":"text"}`).Want(403)
	region := declare(h, "region", "enum", fields{"options": []string{"north", "south"}})
	declare(h, "notes", "text", nil)
	declare(h, "berths", "number", nil)
	declare(h, "member", "boolean", nil)
	declare(h, "since", "date", nil)
	declare(h, "seen", "datetime", nil)
	declare(h, "moods", "multi_enum", fields{"options": []string{"calm", "loud", "tired"}})
	declare(h, "site", "url", nil)
	declare(h, "voice", "reference", fields{"target": "stakeholders"})
	other := of(h, "Ana Pop", nil)
	path := of(h, "Riverside Residents", fields{
		"region": "north", "notes": "  They  meet on Mondays ", "berths": 4.50, "member": true, "since": "2026-11-01", "seen": "2026-11-22T10:15:04+01:00",
		"moods": []string{"tired", "calm"}, "site": "https://residents.example", "voice": strings.TrimPrefix(other, "/stakeholders/"),
	})
	got := l4.Get(path).Want(200)
	for name, want := range map[string]any{
		"region": "north", "notes": "They  meet on Mondays", "berths": 4.5, "member": true, "since": "2026-11-01", "seen": "2026-11-22T09:15:04.000Z",
		"moods.0": "calm", "moods.1": "tired", "site": "https://residents.example", "voice": l4.Get(other).Text("id"),
	} {
		if have := got.Value("custom_fields." + name); have != want {
			t.Errorf("%s: want %v, got %v", name, want, have)
		}
	}
	l4.Patch(path, `{"custom_fields":{"region":"south","berths":null}}`).Want(200)
	if r := l4.Get(path); r.Text("custom_fields.region") != "south" || r.Text("custom_fields.notes") == "" || strings.Contains(string(r.Body), "berths") {
		t.Errorf("custom_fields do not merge one level: %s", r.Body)
	}
	if v := l4.Get(path).Text("version"); l4.Patch(path, `{"custom_fields":{"region":"south","moods":["tired","calm"],"seen":"2026-11-22T09:15:04Z"}}`).Want(200).Text("version") != v {
		t.Error("what is the same made a new version")
	}
	h.As("l7").Delete(region).Want(204)
	l4.Patch(path, `{"custom_fields":{"region":"north"}}`).Code(422, "validation-failed").Fault("#/custom_fields/region", "read_only")
	l4.Patch(path, `{"custom_fields":{"region":"south","notes":"They read what is archived"}}`).Want(200)
	if r := l4.Get(path); r.Text("custom_fields.region") != "south" {
		t.Errorf("what is archived is not read: %s", r.Body)
	}
	h.As("l7").Delete(region).Want(204)
	h.As("admin").Move(region, "reopen", nil).Want(200)
	l4.Patch(path, `{"custom_fields":{"region":"north"}}`).Want(200)
	h.As("l7").Move(region, "archive", nil).Want(200)
	l4.Patch(path, `{"custom_fields":{"region":null}}`).Want(200)
	if r := l4.Patch(path, `{"custom_fields":null}`).Want(200); string(r.Body) == "" || strings.Contains(string(r.Body), "residents.example") {
		t.Errorf("null leaves something: %s", r.Body)
	}
}

// All that is wrong with what is written is told at once, beside the others.
func TestCustomFieldsAreHeldAgainstTheirTypes(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	declare(h, "region", "enum", fields{"options": []string{"north", "south"}, "required": true})
	declare(h, "berths", "number", nil)
	declare(h, "member", "boolean", nil)
	declare(h, "since", "date", nil)
	declare(h, "seen", "datetime", nil)
	declare(h, "moods", "multi_enum", fields{"options": []string{"calm", "loud"}})
	declare(h, "site", "url", nil)
	declare(h, "voice", "reference", fields{"target": "users"})
	declare(h, "notes", "text", nil)
	r := l4.Post("/stakeholders", fields{"kind": "group", "custom_fields": fields{
		"regoin": "north", "berths": "four", "member": "yes", "since": "2026-02-30", "seen": "yesterday", "moods": []any{"calm", "calm", "wild", 3}, "site": "javascript:alert(1)",
		"voice": "USR-999", "notes": strings.Repeat("é", 2001),
	}}).Code(422, "validation-failed")
	for pointer, code := range map[string]string{
		"name": "required", "custom_fields/region": "required", "custom_fields/regoin": "unknown_field", "custom_fields/berths": "invalid_type", "custom_fields/member": "invalid_type",
		"custom_fields/since": "invalid_format", "custom_fields/seen": "invalid_format", "custom_fields/moods/1": "duplicate", "custom_fields/moods/2": "not_in_enum",
		"custom_fields/moods/3": "invalid_type", "custom_fields/site": "invalid_format", "custom_fields/voice": "reference_not_found", "custom_fields/notes": "too_long",
	} {
		r.Fault("#/"+pointer, code)
	}
	if !strings.Contains(string(r.Body), `"suggestion":"region"`) && !strings.Contains(string(r.Body), `"suggestion": "region"`) {
		t.Errorf("no key is suggested: %s", r.Body)
	}
	l4.Post("/stakeholders", `{"name":"Quay","kind":"group"}`).Code(422, "validation-failed").Fault("#/custom_fields/region", "required")
	l4.Post("/stakeholders", `{"name":"Quay","kind":"group","custom_fields":[]}`).Code(422, "validation-failed").Fault("#/custom_fields", "invalid_type")
	path := of(h, "Riverside Residents", fields{"region": "north"})
	for body, code := range map[string]string{
		`{"region":null}`: "required", `{"region":""}`: "required", `{"region":"west"}`: "not_in_enum", `{"region":{"a":1}}`: "invalid_type",
	} {
		l4.Patch(path, `{"custom_fields":`+body+`}`).Code(422, "validation-failed").Fault("#/custom_fields/region", code)
	}
	l4.Patch(path, `{"custom_fields":null}`).Code(422, "validation-failed").Fault("#/custom_fields/region", "required")
	for number, code := range map[string]string{"1234567890123456": "out_of_range", "1e15": "out_of_range", "1e-40": "out_of_range", "0.1234567890123456": "out_of_range"} {
		l4.Patch(path, `{"custom_fields":{"berths":`+number+`}}`).Code(422, "validation-failed").Fault("#/custom_fields/berths", code)
	}
	if r := l4.Patch(path, `{"custom_fields":{"berths":1.50e2}}`).Want(200); r.Value("custom_fields.berths") != 150.0 {
		t.Errorf("a number is kept in plain digits: %s", r.Body)
	}
	l4.Patch(path, `{"custom_fields":{"berths":-0}}`).Want(200)
}

// A declaration that makes no sense is refused, and so is a key that is taken,
// also by a field that was archived.
func TestCustomFieldsThatAreDeclaredBadly(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	for body, fault := range map[string][2]string{
		`{"collection":"stakeholders","key":"Region","type":"text"}`:                                      {"key", "invalid_format"},
		`{"collection":"stakeholders","key":"a b","type":"text"}`:                                         {"key", "invalid_format"},
		`{"collection":"stakeholders","key":"null","type":"text"}`:                                        {"key", "invalid_format"},
		`{"collection":"stakeholdes","key":"a","type":"text"}`:                                            {"collection", "not_in_enum"},
		`{"collection":"users","key":"a","type":"text"}`:                                                  {"collection", "not_in_enum"},
		`{"collection":"stakeholders","key":"a","type":"string"}`:                                         {"type", "not_in_enum"},
		`{"collection":"stakeholders","key":"a","type":"enum"}`:                                           {"options", "required"},
		`{"collection":"stakeholders","key":"a","type":"text","options":["x"]}`:                           {"options", "conflicts_with"},
		`{"collection":"stakeholders","key":"a","type":"enum","options":["North","nörth"]}`:               {"options/1", "duplicate"},
		`{"collection":"stakeholders","key":"a","type":"enum","options":["a, b"]}`:                        {"options/0", "invalid_format"},
		`{"collection":"stakeholders","key":"a","type":"reference"}`:                                      {"target", "required"},
		`{"collection":"stakeholders","key":"a","type":"reference","target":"ships"}`:                     {"target", "not_in_enum"},
		`{"collection":"stakeholders","key":"a","type":"text","target":"users"}`:                          {"target", "conflicts_with"},
		`{"collection":"stakeholders","key":"` + strings.Repeat("a", 41) + `","label":"A","type":"text"}`: {"key", "too_long"},
	} {
		l7.Post("/custom-fields", body).Code(422, "validation-failed").Fault("#/"+fault[0], fault[1])
	}
	path := declare(h, "region", "text", nil)
	l7.Post("/custom-fields", `{"collection":"stakeholders","key":"region","type":"number"}`).Code(409, "duplicate")
	l7.Post("/custom-fields", `{"collection":"issues","key":"region","type":"number"}`).Want(201)
	l7.Delete(path).Want(204)
	l7.Post("/custom-fields", `{"collection":"stakeholders","key":"region","type":"number"}`).Code(409, "duplicate")
	for _, body := range []string{`{"key":"side"}`, `{"type":"number"}`, `{"collection":"issues"}`, `{"target":"users"}`} {
		if r := l7.Patch(path, body); r.Status != 422 {
			t.Errorf("%s changes what is fixed: %s", body, r.Body)
		}
	}
	if r := h.As("none").Get("/custom-fields?collection=stakeholders").Want(200); r.Len("data") != 1 {
		t.Errorf("whoever may read does not see the fields: %s", r.Body)
	}
}

// listed are what a list of stakeholders shows for a query, in order.
func listed(c *testkit.Client, query string) string {
	r := c.Get("/stakeholders?sort=name&" + query).Want(200)
	var out []string
	for i := range r.Len("data") {
		out = append(out, r.Value("data."+string(rune('0'+i))+".name").(string))
	}
	return strings.Join(out, " ")
}

// Lists are filtered by custom fields as by any other, in the URL and as trees.
func TestListsAreFilteredByCustomFields(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	declare(h, "region", "enum", fields{"options": []string{"north", "south", "East side"}})
	declare(h, "berths", "number", nil)
	declare(h, "member", "boolean", nil)
	declare(h, "since", "date", nil)
	declare(h, "seen", "datetime", nil)
	declare(h, "moods", "multi_enum", fields{"options": []string{"calm", "loud", "tired"}})
	declare(h, "site", "url", nil)
	declare(h, "voice", "reference", fields{"target": "stakeholders"})
	declare(h, "notes", "text", nil)
	declare(h, "quiet", "text", fields{"filterable": false})
	long := strings.Repeat("Über die Nacht ", 100)
	ana := of(h, "Ana", fields{"region": "north", "berths": -3.5, "member": true, "since": "2026-01-31", "seen": "2026-11-22T09:15:04Z", "moods": []string{"calm", "tired"}, "notes": long + "eins"})
	of(h, "Ben", fields{"region": "south", "berths": 12, "member": false, "since": "2025-12-31", "moods": []string{"loud"}, "notes": long + "zwei", "voice": ana[len("/stakeholders/"):]})
	of(h, "Cleo", fields{"region": "East side", "berths": 9, "site": "https://example.org/Cleo", "quiet": "hush"})
	of(h, "Dan", nil)
	for query, want := range map[string]string{
		"custom_fields.region=north": "Ana", "custom_fields.region=north,south": "Ana Ben", "custom_fields.region.in=south,East side": "Ben Cleo",
		"custom_fields.region.ne=north": "Ben Cleo Dan", "custom_fields.region.nin=north,south": "Cleo Dan", "custom_fields.region.null=true": "Dan", "custom_fields.region.null=false": "Ana Ben Cleo",
		"custom_fields.berths=12": "Ben", "custom_fields.berths=12.0": "Ben", "custom_fields.berths.gt=-3.5": "Ben Cleo", "custom_fields.berths.gte=-3.5": "Ana Ben Cleo",
		"custom_fields.berths.lt=9": "Ana", "custom_fields.berths.lte=9": "Ana Cleo", "custom_fields.berths.gt=8&custom_fields.berths.lt=10": "Cleo",
		"custom_fields.member=true": "Ana", "custom_fields.member=false": "Ben", "custom_fields.since.gte=2026-01-01": "Ana", "custom_fields.since.lt=today-300d": "Ben",
		"custom_fields.seen.lte=now%2B1h": "Ana", "custom_fields.seen.gte=2026-11-22": "Ana", "custom_fields.seen=2026-11-22T10:15:04%2B01:00": "Ana",
		"custom_fields.moods.any=calm,loud": "Ana Ben", "custom_fields.moods.all=calm,tired": "Ana", "custom_fields.moods.none=loud": "Ana Cleo Dan", "custom_fields.moods=tired": "Ana",
		"custom_fields.site=https://example.org/Cleo": "Cleo", "custom_fields.voice=" + ana[len("/stakeholders/"):]: "Ben", "custom_fields.voice.null=true&custom_fields.region=north": "Ana",
		"custom_fields.notes=" + long + "eins": "Ana", "custom_fields.notes.ne=" + long + "eins": "Ben Cleo Dan", "custom_fields.region=north&custom_fields.berths.gt=0": "",
		"custom_fields.region=north&kind=group": "Ana", "q=ben&custom_fields.region=south": "Ben",
	} {
		if have := listed(l4, strings.ReplaceAll(strings.ReplaceAll(query, " ", "%20"), "Ü", "%C3%9C")); have != want {
			t.Errorf("%s: want %q, got %q", query, want, have)
		}
	}
	for filter, want := range map[string]int{
		`{"field":"custom_fields.region","op":"eq","value":"north"}`:                                                                                        1,
		`{"not":{"field":"custom_fields.region","op":"eq","value":"north"}}`:                                                                                3,
		`{"not":{"field":"custom_fields.berths","op":"gt","value":0}}`:                                                                                      2,
		`{"or":[{"field":"custom_fields.region","op":"in","value":["north"]},{"field":"custom_fields.berths","op":"gte","value":9.5}]}`:                     2,
		`{"and":[{"field":"custom_fields.moods","op":"any","value":["calm"]},{"not":{"field":"custom_fields.moods","op":"all","value":["calm","tired"]}}]}`: 0,
		`{"not":{"field":"custom_fields.member","op":"null","value":true}}`:                                                                                 2,
	} {
		if r := l4.Post("/stakeholders/search", `{"filter":`+filter+`,"include_total":true}`).Want(200); r.Len("data") != want || r.Value("page.total") != float64(want) {
			t.Errorf("%s: want %d, got %s", filter, want, r.Body)
		}
	}
	for query, fault := range map[string][2]string{
		"custom_fields.regoin=north":     {"custom_fields.regoin", "unknown_field"},
		"custom_fields.quiet=hush":       {"custom_fields.quiet", "unknown_field"},
		"custom_fields=north":            {"custom_fields", "unknown_field"},
		"custom_fields.region=west":      {"custom_fields.region", "not_in_enum"},
		"custom_fields.region.gt=north":  {"custom_fields.region.gt", "not_in_enum"},
		"custom_fields.berths.gt=many":   {"custom_fields.berths.gt", "invalid_format"},
		"custom_fields.member=perhaps":   {"custom_fields.member", "invalid_format"},
		"custom_fields.seen.gt=later":    {"custom_fields.seen.gt", "invalid_format"},
		"custom_fields.region.null=much": {"custom_fields.region.null", "invalid_type"},
		"custom_fields.%22%3B--=x":       {`custom_fields.";--`, "unknown_field"},
	} {
		l4.Get("/stakeholders?"+query).Want(400).Fault(fault[0], fault[1])
	}
	if r := l4.Get("/stakeholders?custom_fields.regoin=north"); !strings.Contains(string(r.Body), "custom_fields.region") {
		t.Errorf("no name is suggested: %s", r.Body)
	}
	l4.Post("/stakeholders/search", `{"filter":{"field":"custom_fields.regoin","op":"eq","value":"north"}}`).Code(422, "validation-failed").Fault("#/filter/field", "unknown_field")
	l4.Post("/issues", fields{"title": "Noise", "stakeholder_id": ana[len("/stakeholders/"):]}).Want(201)
	if r := l4.Get("/issues?stakeholder.custom_fields.region=north").Want(200); r.Len("data") != 1 {
		t.Errorf("not through a relation: %s", r.Body)
	}
}

// A saved view that names a field which was archived since says which of its
// nodes is at fault; so does a group by rule.
func TestViewsThatNameAnArchivedField(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	region := declare(h, "region", "enum", fields{"options": []string{"north", "south"}})
	of(h, "Ana", fields{"region": "north"})
	of(h, "Ben", fields{"region": "south"})
	filter := `{"and":[{"field":"kind","op":"eq","value":"group"},{"field":"custom_fields.region","op":"eq","value":"north"}]}`
	l4.Post("/views", `{"slug":"northern","name":"Northern","collection":"stakeholders","filter":`+filter+`,"shared_with":"all"}`).Want(201)
	l4.Post("/views", `{"slug":"western","name":"Western","collection":"stakeholders","filter":{"field":"custom_fields.side","op":"eq","value":"x"},"shared_with":"all"}`).
		Code(422, "validation-failed").Fault("#/filter/field", "unknown_field")
	group := l4.Post("/groups", `{"name":"Northern","kind":"rule","rule":`+filter+`}`).Want(201).Text("ref")
	if got := listed(l4, "view=northern"); got != "Ana" {
		t.Errorf("the view shows %q", got)
	}
	if got := listed(l4, "view=northern&custom_fields.region=south"); got != "Ben" {
		t.Errorf("the view, overridden, shows %q", got)
	}
	if r := l4.Get("/groups/" + group + "/members").Want(200); r.Len("data") != 1 {
		t.Errorf("the rule finds %s", r.Body)
	}
	h.As("l7").Delete(region).Want(204)
	l4.Get("/stakeholders?view=northern").Want(422).Fault("#/filter/and/1/field", "unknown_field")
	l4.Get("/groups/"+group+"/members").Want(422).Fault("#/rule/and/1/field", "unknown_field")
}

// Whoever is not cleared for a field learns nothing of it: neither its values nor
// that there is one.
func TestCustomFieldsAboveTheReadersClearance(t *testing.T) {
	h := testkit.Open(t)
	l4, l6 := h.As("l4"), h.As("l6")
	declare(h, "region", "text", nil)
	secret := declare(h, "retainer", "number", fields{"sensitivity": "restricted", "required": true, "doc": "What they are paid."})
	path := of(h, "Ana Pop", fields{"region": "north"}) // nothing is demanded of who does not know
	l6.Post("/stakeholders", `{"name":"Ben","kind":"group"}`).Code(422, "validation-failed").Fault("#/custom_fields/retainer", "required")
	l6.Patch(path, `{"custom_fields":{"retainer":48151623}}`).Want(200)
	before := l4.Get(path).Text("version")
	for _, body := range []string{`{"retainer":48151623}`, `{"retainer":5}`, `{"retainer":null}`} {
		r := l4.Patch(path, `{"custom_fields":`+body+`}`).Code(422, "validation-failed").Fault("#/custom_fields/retainer", "unknown_field")
		plain := l4.Patch(path, `{"custom_fields":`+strings.ReplaceAll(body, "retainer", "retaines")+`}`).Code(422, "validation-failed")
		if strings.ReplaceAll(string(without(r.Body)), "retainer", "retaines") != string(without(plain.Body)) {
			t.Errorf("the refusals differ: %s %s", r.Body, plain.Body)
		}
	}
	l4.Patch(path, `{"custom_fields":{"region":"south"}}`).Want(200)
	l4.Patch(path, `{"custom_fields":null}`).Want(200)
	if r := l6.Get(path); r.Value("custom_fields.retainer") != 48151623.0 {
		t.Errorf("who does not see it took it off: %s", r.Body)
	}
	for _, asked := range []string{
		"/stakeholders?custom_fields.retainer=48151623", "/stakeholders?custom_fields.retainer.null=true", "/stakeholders/aggregate?group_by=custom_fields.retainer", "/stakeholders?fields=custom_fields.retainer",
		"/stakeholders/export?custom_fields.retainer.gt=1", "/stakeholders/export?fields=custom_fields.retainer", "/issues?stakeholder.custom_fields.retainer=48151623",
	} {
		r := l4.Get(asked).Want(400)
		if plain := l4.Get(strings.ReplaceAll(asked, "retainer", "retaines")).Want(400); strings.ReplaceAll(string(without(r.Body)), "retainer", "retaines") != string(without(plain.Body)) {
			t.Errorf("%s: the refusals differ: %s %s", asked, r.Body, plain.Body)
		}
	}
	l4.Get(secret).Code(404, "not-found")
	for _, asked := range []string{
		path, "/stakeholders", path + "/changes", path + "/timeline", path + "?version=" + before, "/events?after=0&limit=200&types=stakeholder.*,custom_field.*", "/stakeholders/export", "/stakeholders/export?format=ndjson", "/custom-fields",
		"/stakeholders/export?fields=custom_fields", "/meta/fields/stakeholders", "/search?q=ana", "/search?q=retainer", "/custom-fields/export", path + "?fields=custom_fields",
	} {
		for _, word := range []string{"retainer", "48151623"} {
			if r := l4.Get(asked); strings.Contains(strings.ReplaceAll(string(r.Body), url.QueryEscape(asked), ""), word) || r.Status >= 400 {
				t.Errorf("%s tells %s: %d %s", asked, word, r.Status, r.Body)
			}
		}
	}
	for _, asked := range []string{path, path + "/changes", "/events?after=0&limit=200&types=stakeholder.*,custom_field.*", "/custom-fields", "/stakeholders/export"} {
		if r := l6.Get(asked).Want(200); !strings.Contains(string(r.Body), "retainer") {
			t.Errorf("who is cleared is not told: %s %s", asked, r.Body)
		}
	}
	l6.Patch(path, `{"custom_fields":{"retainer":5}}`).Want(200)
	if r := l4.With("If-Match", `"4"`).Patch(path, `{"name":"Ana P."}`).Code(412, "precondition-failed"); r.Len("changed_fields") != 0 {
		t.Errorf("a change of what is hidden is named: %s", r.Body)
	}
}

// without is a problem without what tells two requests apart.
func without(body []byte) []byte {
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(string(body), `,"`, "\n"), "\n") {
		if !strings.Contains(line, "request_id") && !strings.Contains(line, "instance") {
			out = append(out, line)
		}
	}
	return []byte(strings.Join(out, "\n"))
}

// Forms are built from what is declared, and clients are told of it, as far as
// they may know.
func TestTheSchemaOfCustomFields(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	declare(h, "region", "enum", fields{"options": []string{"north", "south"}, "required": true, "label": "Region", "doc": "Where they live."})
	declare(h, "moods", "multi_enum", fields{"options": []string{"calm"}})
	declare(h, "voice", "reference", fields{"target": "users", "filterable": false})
	declare(h, "retainer", "number", fields{"sensitivity": "confidential", "required": true})
	h.As("l7").Delete(declare(h, "gone", "text", nil)).Want(204)
	r := l4.Get("/custom-fields/schema?collection=stakeholders").Want(200)
	for path, want := range map[string]any{
		"type": "object", "additionalProperties": false, "required.0": "region", "properties.region.type": "string", "properties.region.enum.1": "south", "properties.region.title": "Region",
		"properties.region.description": "Where they live.", "properties.moods.type": "array", "properties.moods.items.enum.0": "calm", "properties.voice.x-target": "users",
	} {
		if have := r.Value(path); have != want {
			t.Errorf("%s: want %v, got %v", path, want, have)
		}
	}
	for _, word := range []string{"gone", "retainer"} {
		if strings.Contains(string(r.Body), word) {
			t.Errorf("the schema tells of %s: %s", word, r.Body)
		}
	}
	if r := h.As("l5").Get("/custom-fields/schema?collection=stakeholders").Want(200); r.Value("properties.retainer.type") != "number" {
		t.Errorf("who is cleared is not told: %s", r.Body)
	}
	l4.Get("/custom-fields/schema").Want(400).Fault("collection", "not_in_enum")
	l4.Get("/custom-fields/schema?collection=users").Want(400).Fault("collection", "not_in_enum")
	if r := l4.Get("/custom-fields/schema?collection=issues").Want(200); r.Len("required") != 0 {
		t.Errorf("what is nobody's is demanded: %s", r.Body)
	}
	meta := string(l4.Get("/meta/fields/stakeholders").Want(200).Body)
	if !strings.Contains(meta, `"custom_fields.region"`) || !strings.Contains(meta, `"custom_fields.gone"`) || strings.Contains(meta, "retainer") {
		t.Errorf("the fields of the collection: %s", meta)
	}
	path := of(h, "Ana", fields{"region": "north"})
	if r := l4.Get(path + "?fields=name,custom_fields.region,custom_fields.moods").Want(200); r.Text("custom_fields.region") != "north" || r.Len("custom_fields") > 1 {
		t.Errorf("fields: %s", r.Body)
	}
	if r := l4.Get("/stakeholders?fields=custom_fields.moods").Want(200); strings.Contains(string(r.Body), "north") {
		t.Errorf("fields of a list: %s", r.Body)
	}
	l4.Get("/stakeholders?fields=custom_fields.retainer").Want(400).Fault("fields", "not_in_enum")
}
