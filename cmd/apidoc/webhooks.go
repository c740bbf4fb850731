package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"rapport/internal/ledger"
)

// webhooks tells every type of event as what a receiver of it gets.
func (d *doc) webhooks() error {
	hooks := obj{}
	for _, t := range ledger.EventTypes() {
		example, err := asJSON(t.Example("/api/v1"))
		if err != nil {
			return fmt.Errorf("the example of %s: %w", t.Type, err)
		}
		hooks[t.Type] = obj{"post": obj{
			"operationId": "receive" + pascal(strings.ReplaceAll(t.Type, ".", "_")), "summary": "Receive " + t.Type, "tags": []any{"Events"}, "security": []any{},
			"description": t.What + " The event is the same in the change feed and in the stream; GET /event-types has its JSON Schema.",
			"requestBody": obj{"required": true, "content": obj{"application/json": obj{
				"schema": obj{"$ref": schemaRef + "Event"}, "examples": obj{"example": obj{"value": example}},
			}}},
			"responses": obj{
				"204": obj{"description": "The event was received."},
				"410": obj{"description": "Nobody wants such events any more."},
			},
		}}
	}
	d.tree["webhooks"] = hooks
	return nil
}

// asJSON is a value as JSON's own objects.
func asJSON(v any) (out any, err error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(raw, &out)
	return out, err
}
