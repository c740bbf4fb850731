package api_test

import (
	"encoding/json"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"rapport/internal/ledger"
	"rapport/internal/testkit"
)

// Every type of event is listed with its schema, which its example meets, and is a
// webhook of the document.
func TestEventTypesAreListed(t *testing.T) {
	h := testkit.Open(t)
	list := h.As("none").Get("/event-types").Want(200)
	var types struct {
		Data []struct {
			Type    string
			Schema  json.RawMessage
			Example json.RawMessage
		}
	}
	if err := json.Unmarshal(list.Body, &types); err != nil || len(types.Data) != len(ledger.EventTypes()) {
		t.Fatalf("%d types are listed, there are %d: %v", len(types.Data), len(ledger.EventTypes()), err)
	}
	hooks := document(t).Webhooks
	for _, one := range types.Data {
		fitsSchema(t, one.Type, one.Schema, one.Example)
		if hooks[one.Type] == nil {
			t.Errorf("%s is no webhook of the document", one.Type)
		}
	}
	some := h.As("l4").Get("/event-types?types=stakeholder.created,group.*").Want(200)
	if some.Len("data") < 5 || some.Text("data.0.noun") != "group" {
		t.Errorf("want those of groups and one more: %s", some.Body)
	}
}

// fitsSchema holds an event against the JSON Schema of its type.
func fitsSchema(t *testing.T, typ string, schema, event []byte) {
	t.Helper()
	var s openapi3.Schema
	var value any
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatalf("%s: the schema cannot be read: %v", typ, err)
	}
	if err := json.Unmarshal(event, &value); err != nil {
		t.Fatal(err)
	}
	if err := s.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("%s: %s does not fit its schema: %v", typ, event, err)
	}
}

// What happens in a story is told as the schemas say.
func TestEventsFitTheirSchemas(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7 := h.As("l7")
	for _, noun := range []string{"assessment", "relationship", "issue", "interaction", "membership"} {
		h.Some(noun)
	}
	id := h.Some("stakeholder")
	l7.Patch("/stakeholders/"+id, `{"tags":["noise"]}`).Want(200)
	l7.Move("/stakeholders/"+id, "reject", map[string]any{"reason": "No stakeholder"}).Want(200)
	l7.Delete("/stakeholders/" + id).Want(204)
	l7.Post("/stakeholders/"+id+"/restore", nil).Want(200)
	settled(h)
	schemas := map[string][]byte{}
	for _, typ := range ledger.EventTypes() {
		schemas[typ.Type], _ = json.Marshal(typ.Schema())
	}
	var page struct{ Data []json.RawMessage }
	if err := json.Unmarshal(l7.Get("/events?limit=200&types=stakeholder.*,assessment.*,relationship.*,issue.*,interaction.*,membership.*,engagement.*").Want(200).Body, &page); err != nil || len(page.Data) < 10 {
		t.Fatalf("%d events, %v", len(page.Data), err)
	}
	for _, raw := range page.Data {
		var e struct{ Type string }
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		fitsSchema(t, e.Type, schemas[e.Type], raw)
	}
}
