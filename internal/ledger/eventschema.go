package ledger

import (
	"encoding/json"

	"rapport/internal/register"
	"rapport/internal/store"
)

// What examples of events are made with.
const (
	exampleEvent  = "evt_0193523c7b1e7c3a9f521d2c4e5f6a7b"
	exampleRecord = "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7c"
	examplePerson = "0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7d"
	exampleMoment = "2026-11-22T09:15:04.123Z"
	exampleSeq    = 48211
)

type object = map[string]any

// Schema is the JSON Schema of the type's events.
func (t EventType) Schema() map[string]any {
	subject := shape("type", object{"const": t.Noun.Name}, "id", object{"type": "string", "format": "uuid"}, "ref", object{"type": "string"},
		"version", object{"type": []string{"integer", "null"}}, "url", object{"type": "string"})
	actor := shape("type", object{"enum": []string{"service", "system", "user"}}, "id", textOrNull(), "name", textOrNull())
	data := shape("changes", t.changes(), "transition", t.transition(), "object", object{"type": []string{"object", "null"}})
	out := shape("id", object{"type": "string", "pattern": "^evt_[0-9a-f]{32}$"}, "seq", object{"type": "integer", "minimum": 1}, "type", object{"const": t.Type},
		"timestamp", object{"type": "string", "format": "date-time"}, "api_version", object{"const": "v1"},
		"subject", subject, "actor", actor, "origin", shape("connection_id", textOrNull(), "request_id", textOrNull()), "data", data)
	out["$schema"], out["title"], out["description"] = "https://json-schema.org/draft/2020-12/schema", t.Type, t.What
	return out
}

// shape is the schema of an object whose members are always there; more may come.
func shape(members ...any) object {
	properties, required := object{}, []string{}
	for i := 0; i < len(members); i += 2 {
		name := members[i].(string)
		properties[name], required = members[i+1], append(required, name)
	}
	return object{"type": "object", "properties": properties, "required": required}
}

func textOrNull() object { return object{"type": []string{"string", "null"}} }

// changes are the fields that can change, each with its value before and after.
func (t EventType) changes() object {
	names := []string{}
	for _, f := range t.Noun.Fields {
		if !f.Secret && (f.Circle != register.OfHead || f.Name == "state" || f.Name == "deleted_at") {
			names = append(names, f.Name)
		}
	}
	return object{"type": "object", "propertyNames": object{"enum": names}, "additionalProperties": shape("from", object{}, "to", object{})}
}

func (t EventType) transition() object {
	if t.Type != t.Noun.Name+".state_changed" {
		return textOrNull()
	}
	names := []any{}
	for _, name := range t.Noun.Flow.Names("") {
		names = append(names, name)
	}
	return object{"enum": names}
}

// Example is an event of the type.
func (t EventType) Example(base string) Event {
	version := 2
	e := Event{
		ID: exampleEvent, Seq: exampleSeq, Type: t.Type, Timestamp: exampleMoment, APIVersion: "v1",
		Subject: Subject{Type: t.Noun.Name, ID: exampleRecord, Ref: t.Noun.Prefix + "-42", Version: &version, URL: t.Noun.URL(base, exampleRecord)},
		Actor:   Actor{Type: "user", ID: ptr(examplePerson), Name: ptr("Ana Pop")},
		Origin:  Origin{RequestID: ptr("0193523c-7b1e-7c3a-9f52-1d2c4e5f6a7e")},
		Data:    EventData{Changes: map[string]store.Delta{}},
	}
	change := func(field, from, to string) {
		e.Data.Changes[field] = store.Delta{From: json.RawMessage(from), To: json.RawMessage(to)}
	}
	state := func(s any) string { text, _ := json.Marshal(s); return string(text) }
	n := t.Noun
	switch t.Type {
	case n.Name + ".created", n.Name + ".adopted":
		version = 1
		change("state", "null", state(n.Flow.Start))
	case n.Name + ".deleted":
		change("deleted_at", "null", state(exampleMoment))
	case n.Name + ".restored":
		change("deleted_at", state(exampleMoment), "null")
	case n.Name + ".state_changed":
		row := n.Flow.Rows[0]
		e.Data.Transition = ptr(row.Name)
		if len(row.From) > 0 && row.To != "" {
			change("state", state(row.From[0]), state(row.To))
		}
	case n.Name + ".updated":
		if f := n.TitleField; f != nil {
			change(f.Name, state("Riverside Residents"), state("Riverside Residents' Association"))
		}
	default:
		e.Subject.Version = nil
	}
	return e
}
