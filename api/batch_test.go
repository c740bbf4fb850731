package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// batchOf is a batch's body.
func batchOf(atomic bool, operations ...fields) fields {
	return fields{"atomic": atomic, "operations": operations}
}

// statuses are the statuses of a batch's rows.
func statuses(r *testkit.Reply) (list []int) {
	rows, _ := r.Value("data").([]any)
	for _, row := range rows {
		list = append(list, int(row.(map[string]any)["status"].(float64)))
	}
	return list
}

// A ticketing system brings its night over in one request: what one operation
// did, the next one finds.
func TestBatchMakesEachChangeSeenByTheNext(t *testing.T) {
	h := testkit.Open(t)
	old := raised(h, nil)
	party := residents(h, "Riverside Residents")
	done := h.As("l5").Post("/issues/batch", batchOf(
		true,
		fields{"op": "upsert", "system": "zendesk", "key": "88123", "body": fields{"title": "Noise at night", "stakeholder_id": party}},
		fields{"op": "upsert", "system": " zendesk", "key": "88123", "body": fields{"title": "Noise at night from the quay"}},
		fields{"op": "create", "body": fields{"title": "Lamps shine into bedrooms", "stakeholder_id": party, "external_ids": []fields{{"system": "zendesk", "key": "88124"}}}},
		fields{"op": "upsert", "system": "zendesk", "key": "88124", "if_match": "1", "body": fields{"tags_add": []string{"light"}}},
		fields{"op": "update", "id": strings.TrimPrefix(old, "/issues/"), "if_match": `"1"`, "body": fields{"tags": []string{"noise"}}},
		fields{"op": "transition", "id": strings.TrimPrefix(old, "/issues/"), "body": fields{"transition": "triage", "fields": assessment(h, "low", party)}},
	)).Want(200)
	if got := statuses(done); !slices.Equal(got, []int{201, 200, 201, 200, 200, 200}) {
		t.Fatalf("answered %v: %s", got, done.Body)
	}
	if done.Text("data.1.id") != done.Text("data.0.id") || done.Text("data.1.etag") != `"2"` || done.Text("data.5.etag") != `"3"` || done.Text("summary.succeeded") != "6" {
		t.Errorf("not as made: %s", done.Body)
	}
	made := h.As("l4").Get("/issues/" + done.Text("data.1.ref")).Want(200)
	if made.Text("title") != "Noise at night from the quay" || made.Text("external_ids.0.key") != "88123" {
		t.Errorf("the first is %s", made.Body)
	}
	if got := h.As("l4").Get(old).Want(200); got.Text("state") != "triaged" || got.Text("tags.0") != "noise" {
		t.Errorf("the old one is %s", got.Body)
	}
	gone := h.As("l5").Post("/issues/batch", batchOf(
		true,
		fields{"op": "delete", "id": done.Text("data.2.ref"), "if_match": "2"}, fields{"op": "delete", "id": done.Text("data.2.ref")},
	)).Want(200)
	if got := statuses(gone); !slices.Equal(got, []int{204, 204}) {
		t.Errorf("removed with %v", got)
	}
	h.As("l4").Get("/issues/"+done.Text("data.2.ref")).Code(410, "gone")
}

// An atomic batch is made whole or not at all, and says of every body what is
// wrong with it; of what lies deeper it says the first.
func TestAtomicBatchFailsWhole(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	good := fields{"op": "create", "body": fields{"name": "Riverside Residents", "kind": "group"}}
	for _, c := range []struct {
		operations     []fields
		status         int
		code           string
		pointer, fault string
	}{
		{[]fields{good, {"op": "create", "body": fields{"kind": "herd"}}, {"op": "create", "body": fields{"name": "X", "kind": "group", "tilte": 1}}}, 422, "validation-failed", "#/operations/2/body/tilte", "unknown_field"},
		{[]fields{good, {"op": "update", "id": "STK-9", "body": fields{}}}, 422, "validation-failed", "#/operations/1/id", "reference_not_found"},
		{[]fields{good, {"op": "update", "body": fields{}}, {"op": "move"}}, 422, "validation-failed", "#/operations/1/id", "required"},
		{[]fields{good, {"op": "delete", "id": "STK-9", "body": fields{}}}, 422, "validation-failed", "#/operations/1/body", "unknown_field"},
		{[]fields{good, good}, 422, "validation-failed", "#/operations/1", "duplicate"},
		{[]fields{good, {"op": "transition", "id": "STK-1", "body": fields{"transtion": "engage"}}}, 422, "validation-failed", "#/operations/1/body/transition", "required"},
		{[]fields{good, {"op": "upsert", "system": "zendesk", "key": "1", "if_match": "4", "body": fields{}}}, 422, "validation-failed", "#/operations/1", "conflicts_with"},
		{[]fields{good, {"op": "upsert", "system": "zendesk", "key": "a\x00b", "body": fields{}}}, 422, "validation-failed", "#/operations/1/key", "invalid_format"},
		{[]fields{good, {"op": "update", "id": "STK-1", "if_match": "x", "body": fields{}}}, 422, "validation-failed", "#/operations/1/if_match", "invalid_format"},
	} {
		l4.Post("/stakeholders/batch", batchOf(true, c.operations...)).Code(c.status, c.code).Fault(c.pointer, c.fault)
	}
	l4.Post("/stakeholders/batch", batchOf(true, good, fields{"op": "create", "body": fields{"kind": "herd"}})).
		Fault("#/operations/1/body/name", "required").Fault("#/operations/1/body/kind", "not_in_enum")
	if n := l4.Get("/stakeholders").Want(200).Len("data"); n != 0 {
		t.Errorf("%d were entered all the same", n)
	}
	many := make([]fields, 201)
	for i := range many {
		many[i] = good
	}
	l4.Post("/stakeholders/batch", batchOf(false, many...)).Code(422, "validation-failed").Fault("#/operations", "too_many_items")
	l4.Post("/stakeholders/batch", `{}`).Fault("#/operations", "required")
	l4.Post("/stakeholders/batch", `{"operations":1,"atomic":2,"x":3}`).Fault("#/operations", "invalid_type").Fault("#/atomic", "invalid_type").Fault("#/x", "unknown_field")
	l4.Post("/stakeholders/batch", `{"operations":["`+strings.Repeat("x", 5<<20)+`"]}`).Code(413, "payload-too-large")
}

// In a batch that is not atomic each operation stands or falls by itself.
func TestBatchOfWhatCanBeMade(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party := residents(h, "Riverside Residents")
	hidden := h.As("l6").Post("/stakeholders", fields{"name": "Buyer", "kind": "organisation", "sensitivity": "restricted", "external_ids": []fields{{"system": "crm", "key": "B-1"}}}).Want(201)
	done := l4.Post("/stakeholders/batch", batchOf(
		false,
		fields{"op": "create", "body": fields{"name": "Harbour Board", "kind": "organisation"}},
		fields{"op": "create", "body": fields{"name": "harbour board", "kind": "organisation"}},
		fields{"op": "update", "id": hidden.ID(), "body": fields{"description": "x"}},
		fields{"op": "update", "id": party, "if_match": "7", "body": fields{"description": "x"}},
		fields{"op": "delete", "id": party},
		fields{"op": "transition", "id": party, "body": fields{"transition": "dance"}},
		fields{"op": "upsert", "system": "crm", "key": "B-1", "body": fields{"name": "Mine", "kind": "organisation"}},
		fields{"op": "upsert", "id": "x"},
		fields{"op": "update", "id": party, "body": fields{"description": "By the river."}},
	)).Want(207)
	if got := statuses(done); !slices.Equal(got, []int{201, 409, 404, 412, 403, 422, 409, 422, 200}) {
		t.Fatalf("answered %v: %s", got, done.Body)
	}
	if done.Text("summary.succeeded") != "2" || done.Text("summary.failed") != "7" || done.Text("data.3.problem.current_version") != "1" || done.Value("data.3.id") != nil {
		t.Errorf("not as it went: %s", done.Body)
	}
	if done.Text("data.5.problem.errors.0.pointer") != "#/operations/5/body/transition" || done.Text("data.1.problem.candidates.0.name") != "Harbour Board" || done.Len("data.6.problem.candidates") != 0 {
		t.Errorf("not where it is wrong: %s", done.Body)
	}
	if strings.Contains(string(done.Body), hidden.ID()) {
		t.Errorf("it tells of what is hidden: %s", done.Body)
	}
	never := l4.Post("/stakeholders/batch", batchOf(true, fields{"op": "update", "id": hidden.ID(), "body": fields{"description": "x"}}))
	never.Code(422, "validation-failed").Fault("#/operations/0/id", "reference_not_found")
}

// A batch asks for the levels, the second pair of eyes and the guards that its
// changes ask for one by one.
func TestBatchHoldsTheRules(t *testing.T) {
	h := testkit.Open(t)
	ref := strings.TrimPrefix(proposed(h, "critical"), "/issues/")
	move := func(name string, with fields) fields {
		return fields{"op": "transition", "id": ref, "body": fields{"transition": name, "fields": with}}
	}
	why := fields{"no_action_reason": "The timetable is changed for good."}
	accept, end := move("accept_resolution", accepted()), move("close", why)
	inside := func(c *testkit.Client, at, code, problem string, operations ...fields) *testkit.Reply {
		t.Helper()
		r := c.Post("/issues/batch", batchOf(true, operations...)).Code(422, "validation-failed").Fault(at, code)
		if r.Text("errors.0.params.problem.code") != problem || r.Len("errors") != 1 {
			t.Errorf("want the problem %s inside: %s", problem, r.Body)
		}
		return r
	}
	if r := inside(h.As("l4"), "#/operations/1", "conflicts_with", "insufficient-level", accept, end); r.Value("errors.0.params.problem.required_level") == nil {
		t.Errorf("it does not say which level: %s", r.Body)
	}
	inside(h.As("l5"), "#/operations/1", "conflicts_with", "same-person", accept, end)
	if r := inside(h.As("l6"), "#/operations/1", "conflicts_with", "transition-blocked", accept, move("close", nil)); r.Text("errors.0.params.problem.blockers.0.code") != "no_action" {
		t.Errorf("it does not say what blocks: %s", r.Body)
	}
	inside(h.As("l6"), "#/operations/0", "not_allowed_in_state", "invalid-transition", move("propose_resolution", fields{"effects": 1}), end)
	h.As("l6").Post("/issues/batch", batchOf(true, move("reject_resolution", fields{"reasn": "x"}))).Code(422, "validation-failed").Fault("#/operations/0/body/fields/reason", "required").Fault("#/operations/0/body/fields/reasn", "unknown_field")
	h.As("l6").Post("/issues/batch", batchOf(true, accept, end)).Want(200)
	reader := h.Enlist("reader", "l4", "none", "issues:read")
	reader.Post("/issues/batch", `{}`).Code(403, "insufficient-scope")
	writer := h.Enlist("writer", "l7", "none", "issues:read", "issues:write")
	if got := statuses(writer.Post("/issues/batch", batchOf(false, end, fields{"op": "delete", "id": "ISS-99"}, fields{"op": "update", "id": ref, "body": fields{"tags": []string{"noise"}}}))); !slices.Equal(got, []int{403, 404, 200}) {
		t.Errorf("a key without act and delete is answered %v", got)
	}
}

// A batch that is repeated under its key is made once, and answered with its
// summary; one that is only validated changes nothing.
func TestBatchIsMadeOnce(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4").With("Idempotency-Key", "night-1")
	body := batchOf(false, fields{"op": "create", "body": fields{"name": "Harbour Board", "kind": "organisation"}}, fields{"op": "create", "body": fields{}})
	tried := l4.Post("/stakeholders/batch?validate_only=true", body).Want(207)
	if got := statuses(tried); !slices.Equal(got, []int{200, 422}) || tried.Value("data.0.id") != nil {
		t.Errorf("validated as %s", tried.Body)
	}
	l4.Post("/stakeholders/batch", body).Want(207)
	entries := h.Entries()
	again := l4.Post("/stakeholders/batch", body).Want(207)
	if again.Header.Get("Idempotent-Replayed") != "true" || again.Text("summary.succeeded") != "1" || again.Text("summary.failed") != "1" || again.Len("data") != 0 || h.Entries() != entries {
		t.Errorf("made twice: %s", again.Body)
	}
	l4.Post("/stakeholders/batch", batchOf(true, fields{"op": "create", "body": fields{}})).Code(422, "idempotency-key-reused")
}

// Records of every noun are entered, changed and removed by batches, with the eyes
// on the whole database.
func TestContractBatches(t *testing.T) {
	for _, n := range register.All() {
		t.Run(n.Name, func(t *testing.T) {
			sample, _, _ := seeds.SampleOf(n.Name)
			if sample.Create == nil || n.Field("tags") == nil {
				t.Skip("clients enter none, or not like others")
			}
			t.Parallel()
			h := testkit.Open(t).Contract()
			first, l7, path := h.Body(n), h.As("l7"), "/"+n.Path+"/batch?allow_duplicate=true"
			first["tags"] = []string{"first"}
			second := h.Body(n)
			x := fields{"op": "upsert", "system": "crm", "key": "1", "body": second}
			made := l7.Post(path, batchOf(true, fields{"op": "create", "body": first}, x, fields{"op": "upsert", "system": "crm", "key": "1", "body": fields{"tags_add": []string{"noise"}}})).Want(200)
			if got := statuses(made); !slices.Equal(got, []int{201, 201, 200}) {
				t.Fatalf("answered %v: %s", got, made.Body)
			}
			done := l7.Post(path, batchOf(
				false,
				fields{"op": "update", "id": made.Text("data.0.id"), "body": fields{"tags": []string{"second"}}},
				fields{"op": "delete", "id": made.Text("data.1.ref")},
				fields{"op": "create", "body": fields{"no_such": true}},
			)).Want(207)
			if got := statuses(done); got[0] != 200 || got[1] != 204 && done.Text("data.1.problem.code") != "still-referenced" || got[2] != 422 {
				t.Errorf("answered %v: %s", got, done.Body)
			}
		})
	}
}

// Two hundred records in one request take no longer than writing them does.
func TestBatchOfTwoHundred(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	h.Make(register.ByName("stakeholder"), nil)
	operations := make([]fields, 200)
	for i := range operations {
		operations[i] = fields{"op": "create", "body": fields{"name": fmt.Sprintf("Resident number %d of many", i), "kind": "group", "external_ids": []fields{{"system": "crm", "key": fmt.Sprint(i)}}}}
	}
	for round, atomic := range []bool{true, false} {
		for i := range operations {
			operations[i]["body"].(fields)["name"] = fmt.Sprintf("Resident number %d of round %d", i, round)
			operations[i]["body"].(fields)["external_ids"] = []fields{{"system": "crm", "key": fmt.Sprint(round, "-", i)}}
		}
		began := time.Now()
		done := h.As("l4").Post("/stakeholders/batch", batchOf(atomic, operations...))
		t.Logf("atomic %v: %v", atomic, time.Since(began).Round(time.Millisecond))
		if done.Text("summary.succeeded") != "200" {
			t.Errorf("answered %d: %.500s", done.Status, done.Body)
		}
	}
}
