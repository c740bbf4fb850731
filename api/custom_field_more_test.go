package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/testkit"
)

// Figures are grouped by what has few values, as it was declared.
func TestAggregateByCustomFields(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	declare(h, "region", "enum", fields{"options": []string{"North side", "south"}})
	declare(h, "member", "boolean", nil)
	declare(h, "since", "date", nil)
	declare(h, "berths", "number", nil)
	declare(h, "grade", "enum", fields{"options": []string{"a"}, "sensitivity": "restricted"})
	of(h, "Ana", fields{"region": "North side", "member": true, "since": "2026-02-03"})
	of(h, "Ben", fields{"region": "North side", "member": false, "since": "2026-02-28", "berths": 1})
	of(h, "Cleo", fields{"region": "south"})
	of(h, "Dan", nil)
	h.As("l6").Post("/stakeholders", fields{"name": "Eve", "kind": "group", "sensitivity": "restricted", "custom_fields": fields{"region": "south"}}).Want(201)
	for query, want := range map[string]string{
		"group_by=custom_fields.region": "North side=2 south=1 <nil>=1", "group_by=custom_fields.member": "false=1 true=1 <nil>=2", "group_by=custom_fields.since.month": "2026-02=2 <nil>=2",
		"group_by=custom_fields.region&custom_fields.berths.null=true": "North side=1 south=1 <nil>=1", "group_by=custom_fields.region&custom_fields.member=true": "North side=1",
	} {
		r := l4.Get("/stakeholders/aggregate?" + query).Want(200)
		var got []string
		for i := range r.Len("data") {
			line := r.Value(fmt.Sprintf("data.%d", i)).(map[string]any)
			for name, value := range line {
				if name != "count" {
					got = append(got, fmt.Sprintf("%v=%v", value, line["count"]))
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: want %s, got %s", query, want, got)
		}
	}
	for _, name := range []string{"custom_fields.berths", "custom_fields.grade", "custom_fields.since", "custom_fields", "custom_fields.region.month"} {
		if r := l4.Get("/stakeholders/aggregate?group_by=" + name).Want(400); strings.Contains(string(r.Body), `"custom_fields.grade"`) && name != "custom_fields.grade" {
			t.Errorf("the refusal of %s tells what is hidden: %s", name, r.Body)
		}
	}
	if r := h.As("l6").Get("/stakeholders/aggregate?group_by=custom_fields.grade").Want(200); r.Len("data") != 1 {
		t.Errorf("who is cleared is not told: %s", r.Body)
	}
}

// What a custom field names is not removed while it does.
func TestWhatCustomFieldsNameStays(t *testing.T) {
	h := testkit.Open(t)
	declare(h, "voice", "reference", fields{"target": "stakeholders"})
	declare(h, "backer", "reference", fields{"target": "stakeholders", "sensitivity": "restricted"})
	ana, ben := of(h, "Ana", nil), of(h, "Ben", nil)
	id := h.As("l4").Get(ana).Text("id")
	of(h, "Cleo", fields{"voice": id})
	r := h.As("l5").Delete(ana).Code(409, "still-referenced")
	if r.Text("references.0.field") != "custom_fields.voice" || r.Text("references.0.url") != "/api/v1/stakeholders?custom_fields.voice="+id || strings.Contains(string(r.Body), "more than you may see") {
		t.Errorf("what names it is not told: %s", r.Body)
	}
	if r := h.As("l5").Get("/stakeholders?custom_fields.voice=" + id).Want(200); r.Len("data") != 1 {
		t.Errorf("the way to it leads nowhere: %s", r.Body)
	}
	h.As("l6").Patch(ben, fields{"custom_fields": fields{"backer": ben[len("/stakeholders/"):]}}).Want(200)
	if r := h.As("l5").Delete(ben).Code(409, "still-referenced"); strings.Contains(string(r.Body), "backer") || r.Len("references") != 0 || !strings.Contains(string(r.Body), "more than you may see") {
		t.Errorf("what is hidden is told, or that there is something is not: %s", r.Body)
	}
	hidden := h.As("l6").Post("/stakeholders", fields{"name": "Quiet Partners", "kind": "organisation", "sensitivity": "restricted"}).Want(201)
	for _, given := range []string{hidden.ID(), hidden.Text("ref"), "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7b", "STK-999"} {
		h.As("l4").Patch(ana, fields{"custom_fields": fields{"voice": given}}).Code(422, "validation-failed").Fault("#/custom_fields/voice", "reference_not_found")
	}
	h.As("l4").Patch(ana, fields{"custom_fields": fields{"voice": "USR-1"}}).Code(422, "validation-failed").Fault("#/custom_fields/voice", "reference_wrong_type")
}

// Members that nobody declared, as old records may hold them, stay as they are
// until they are taken off.
func TestUndeclaredMembersStay(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	path := of(h, "Ana", nil)
	const old = `{"legacy":{"a":12345678901234567890},"other":[1.50]}`
	h.Raw("UPDATE stakeholders SET custom_fields = ? WHERE id = ?", []any{old, l4.Get(path).Text("id")})
	for _, body := range []string{`{"name":"Ana Pop"}`, `{"custom_fields":{"legacy":{"a":12345678901234567890}},"name":"Ana P."}`} {
		if body == `{"name":"Ana Pop"}` {
			l4.Patch(path, body).Want(200)
		}
		if got := string(l4.Get(path + "?fields=custom_fields").Want(200).Body); !strings.Contains(got, "12345678901234567890") {
			t.Errorf("after %s: %s", body, got)
		}
	}
	l4.Patch(path, `{"custom_fields":{"other":[1]}}`).Code(422, "validation-failed").Fault("#/custom_fields/other", "unknown_field")
	l4.Patch(path, `{"custom_fields":{"other":[1.5]},"name":"Ana P."}`).Want(200)
	l4.Patch(path, `{"custom_fields":{"other":null}}`).Want(200)
	l4.Patch(path, `{"custom_fields":{"other":null}}`).Code(422, "validation-failed").Fault("#/custom_fields/other", "unknown_field")
	if got := string(l4.Get(path + "?fields=custom_fields").Want(200).Body); !strings.Contains(got, "legacy") || strings.Contains(got, "other") {
		t.Errorf("what was taken off: %s", got)
	}
}

// Whatever is sent under custom_fields, it is an answer and no accident.
func TestHostileCustomFields(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l4 := h.As("l4")
	declare(h, "notes", "text", nil)
	declare(h, "site", "url", nil)
	declare(h, "voice", "reference", fields{"target": "users"})
	declare(h, "moods", "multi_enum", fields{"options": []string{"calm", "' OR 1=1 --"}})
	declare(h, "berths", "number", nil)
	declare(h, "seen", "datetime", nil)
	path := of(h, "Ana", fields{"moods": []string{"' OR 1=1 --"}})
	var many []string
	for i := range 1500 {
		many = append(many, fmt.Sprintf(`"k%d":%d`, i, i))
	}
	for _, body := range []string{
		`{"notes":"a\u0000b"}`, `{"notes":"a\u0007b"}`, `{"notes":["x"]}`, `{"notes":{"$ne":null}}`, `{"notes":true}`, `{"__proto__":{"a":1}}`, `{"constructor":"x"}`, `{"":"x"}`, `{"custom_fields.notes":"x"}`,
		`{"notes/x":"y"}`, `{"a~b":1}`, `{"` + strings.Repeat("k", 5000) + `":1}`, `{` + strings.Join(many, ",") + `}`, `{"site":"ftp://example.org"}`, `{"site":"https://"}`, `{"site":"http://a b"}`, `{"site":"//example.org"}`,
		`{"site":"https://example.org/` + strings.Repeat("a", 2000) + `"}`, `{"voice":"me' OR '1'='1"}`, `{"voice":{"id":"USR-1"}}`, `{"voice":"` + strings.Repeat("9", 300) + `"}`, `{"voice":7}`, `{"moods":"calm"}`, `{"moods":[["calm"]]}`, `{"moods":[null]}`,
		`{"moods":{"0":"calm"}}`, `{"berths":"4"}`, `{"berths":[4]}`, `{"berths":1e308}`, `{"berths":true}`, `{"seen":"2026-11-22"}`, `{"seen":1763800000}`, `{"seen":"9999-12-31T23:59:59Z"}`, `[]`, `"x"`, `7`, `[{"notes":"x"}]`,
	} {
		if r := l4.Patch(path, `{"custom_fields":`+body+`}`); r.Status != 422 && r.Status != 400 {
			t.Errorf("%.80s: %d %.300s", body, r.Status, r.Body)
		}
	}
	l4.Patch(path, `{"custom_fields":{"notes":"x","notes":"y"}}`).Code(400, "malformed-json")
	l4.Patch(path, `{"custom_fields":{"notes":"\u202e 😀 <script>'\";--"}}`).Want(200)
	if r := l4.Get("/stakeholders?custom_fields.moods=%27%20OR%201%3D1%20--").Want(200); r.Len("data") != 1 {
		t.Errorf("a word with quotes is not found: %s", r.Body)
	}
	for _, query := range []string{
		"custom_fields.notes=%00", "custom_fields.notes.in=" + strings.Repeat("a,", 201), "custom_fields.=x", "custom_fields..=x", "custom_fields.notes.notes=x", "custom_fields.notes.null=",
		"custom_fields.berths.gt=NaN", "custom_fields.berths.gt=Infinity", "custom_fields.berths=0x10", "custom_fields.berths=1e400", "custom_fields.berths=1_000", "custom_fields.voice=%27", "custom_fields.seen.gt=%00", "custom_fields.moods.any=wild",
		"custom_fields.notes.contains=x", "custom_fields.notes.contains=", "custom_fields.notes.starts=%00", "custom_fields.berths.contains=12", "custom_fields.moods.starts=ca", "custom_fields.notes.gt=a", "custom_fields.notes=%ff", "owner.custom_fields.notes=x", "custom_fields.notes'=x", "sort=custom_fields.notes", "include=custom_fields.notes", "fields=custom_fields.", "fields=custom_fields.nots",
	} {
		if r := l4.Get("/stakeholders?" + query); r.Status != 400 {
			t.Errorf("%s: %d %.300s", query, r.Status, r.Body)
		}
	}
	for _, leaf := range []string{
		`{"field":"custom_fields.berths","op":"gt","value":"4"}`, `{"field":"custom_fields.notes","op":"eq","value":null}`, `{"field":"custom_fields.moods","op":"any","value":"calm"}`, `{"field":"custom_fields","op":"eq","value":"x"}`,
		`{"field":"custom_fields.berths","op":"in","value":[1,"2"]}`, `{"field":"custom_fields.notes","op":"eq","value":{"a":1}}`, `{"field":["custom_fields.notes"],"op":"eq","value":"x"}`,
	} {
		l4.Post("/stakeholders/search", `{"filter":`+leaf+`}`).Code(422, "validation-failed")
	}
}

// A stream tells of a field above somebody's clearance to nobody below it.
func TestStreamsKeepCustomFieldsHidden(t *testing.T) {
	h := testkit.Open(t)
	declare(h, "region", "text", nil)
	declare(h, "retainer", "number", fields{"sensitivity": "restricted"})
	path := of(h, "Ana", nil)
	server := h.Serve()
	settled(h)
	l4, l6 := h.As("l4").Follow(server, "/events/stream?types=stakeholder.*"), h.As("l6").Follow(server, "/events/stream?types=stakeholder.*")
	for _, s := range []*testkit.Stream{l4, l6} {
		s.Any()
	}
	following(h, 2)
	h.As("l6").Patch(path, `{"custom_fields":{"retainer":48151623,"region":"north"}}`).Want(200)
	if e := fmt.Sprint(l4.Next().Data); strings.Contains(e, "retainer") || !strings.Contains(e, "region") {
		t.Errorf("l4 is told %s", e)
	}
	if e := fmt.Sprint(l6.Next().Data); !strings.Contains(e, "retainer") {
		t.Errorf("l6 is told %s", e)
	}
	h.As("l6").Patch(path, `{"custom_fields":{"retainer":7}}`).Want(200)
	r := h.As("l4").Get(path + "/timeline").Want(200)
	if r.Text("data.0.summary") != "Person l6 changed the stakeholder" || r.Len("data.0.data.diff") != 0 {
		t.Errorf("the timeline says %s", r.Body)
	}
}

// Another process that still remembers a field writes none once it is archived.
func TestCustomFieldsBesideAnotherProcess(t *testing.T) {
	h := testkit.Open(t)
	region := declare(h, "region", "text", nil)
	path := of(h, "Ana", fields{"region": "north"})
	beside := h.Beside()
	n := register.ByName("stakeholder")
	ctx := authority.With(context.Background(), authority.Actor{Type: authority.User, ID: h.People["l4"], Name: "Person l4", Level: authority.L4, Scopes: authority.Everything(), Cap: authority.Restricted})
	if known, err := beside.Customs(ctx); err != nil || len(known.Known(n)) != 1 {
		t.Fatalf("the other process knows %v, %v", known, err)
	}
	h.As("l7").Delete(region).Want(204)
	body, err := register.ParseBody([]byte(`{"custom_fields":{"region":"south"}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = beside.Update(ctx, n, path[len("/stakeholders/"):], body, ledger.Asked{})
	if !fault.Is(err, fault.ValidationFailed) || fault.Of(err).Fields[0].Code != "read_only" {
		t.Errorf("the other process answers %v", err)
	}
}

// Another process that does not know yet that a field is required demands it all the same.
func TestRequiredCustomFieldsBesideAnotherProcess(t *testing.T) {
	h := testkit.Open(t)
	region := declare(h, "region", "text", nil)
	ctx := authority.With(context.Background(), authority.Actor{Type: authority.User, ID: h.People["l4"], Name: "Person l4", Level: authority.L4, Scopes: authority.Everything(), Cap: authority.Restricted})
	serving := h.Ledger
	if h.DB.Shared() {
		serving = h.Beside()
	}
	if known, err := serving.Customs(ctx); err != nil || len(known.Known(register.Stakeholders)) != 1 {
		t.Fatalf("the other process knows %v, %v", known, err)
	}
	h.As("l7").Patch(region, `{"required":true}`).Want(200)
	body, err := register.ParseBody([]byte(`{"name":"Riverside Residents","kind":"group"}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = serving.Create(ctx, register.Stakeholders, body, ledger.Asked{})
	if !fault.Is(err, fault.ValidationFailed) || fault.Of(err).Fields[0].Pointer != "#/custom_fields/region" {
		t.Errorf("the other process answers %v", err)
	}
}

// Texts of custom fields are looked into, however long they are, folded as all texts are.
func TestPartsOfCustomTexts(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	declare(h, "notes", "text", nil)
	declare(h, "site", "url", nil)
	declare(h, "offer", "text", fields{"sensitivity": "confidential"})
	long := strings.Repeat("Lorries at night, every night. ", 20) + "École au quai 100%"
	of(h, "Ana", fields{"notes": "École on the quay", "site": "https://example.org/quay"})
	ben := of(h, "Ben", fields{"notes": long})
	of(h, "Cleo", fields{"notes": "Lorries at noon"})
	of(h, "Dan", nil)
	l4 := h.As("l4")
	for filter, want := range map[string]string{
		"notes.contains=ecole": "Ana, Ben", "notes.contains=quai+100%25": "Ben", "notes.contains=quai+100_": "", "notes.contains=NIGHT.+lorr": "Ben",
		"notes.starts=lorries+at": "Ben, Cleo", "notes.starts=LORRIES+AT+NO": "Cleo", "notes.starts=" + strings.Repeat("lorries+at+night,+every+night.+", 20): "Ben",
		"notes.starts=" + strings.Repeat("lorries+at+night,+every+night.+", 21): "", "notes.starts=night": "", "site.contains=example.org": "Ana",
		"notes=" + strings.ReplaceAll(strings.ReplaceAll(long, " ", "+"), "%", "%25"): "Ben", "notes.contains=lorries&sort=-created_at": "Ben, Cleo",
	} {
		page := l4.Get("/stakeholders?include_total=true&custom_fields." + filter).Want(200)
		if got := namesIn(page); got != want || page.Text("page.total") != fmt.Sprint(page.Len("data")) {
			t.Errorf("%.60s: want %q, got %q of %s", filter, want, got, page.Text("page.total"))
		}
	}
	without := fields{"filter": fields{"not": fields{"field": "custom_fields.notes", "op": "contains", "value": "lorries"}}}
	if got := namesIn(l4.Post("/stakeholders/search", without).Want(200)); got != "Ana, Dan" {
		t.Errorf("without lorries: %q", got)
	}
	l4.Patch(ben, `{"custom_fields":{"notes":"Quiet now"}}`).Want(200)
	if got := namesIn(l4.Get("/stakeholders?custom_fields.notes.contains=lorries").Want(200)); got != "Cleo" {
		t.Errorf("what was said before is found: %q", got)
	}
	h.As("none").Get("/stakeholders?custom_fields.offer.contains=ab").Code(400, "unknown-parameter")
}

// An answer that is given again tells no more than the first one would now.
func TestReplaysKeepCustomFieldsHidden(t *testing.T) {
	h := testkit.Open(t)
	path := declare(h, "retainer", "number", nil)
	l4 := h.As("l4").With("Idempotency-Key", "once")
	body := fields{"name": "Ana", "kind": "group", "custom_fields": fields{"retainer": 48151623}}
	if r := l4.Post("/stakeholders", body).Want(201); r.Value("custom_fields.retainer") != 48151623.0 {
		t.Fatalf("the answer is %s", r.Body)
	}
	h.As("l7").Patch(path, `{"sensitivity":"confidential"}`).Want(200)
	if r := l4.Post("/stakeholders", body).Want(201); r.Header.Get("Idempotent-Replayed") != "true" || strings.Contains(string(r.Body), "retainer") {
		t.Errorf("the answer is %s", r.Body)
	}
	h.As("l7").Patch(path, `{"sensitivity":"internal"}`).Want(200)
	if r := l4.Post("/stakeholders", body).Want(201); r.Value("custom_fields.retainer") != 48151623.0 {
		t.Errorf("the answer is %s", r.Body)
	}
}
