package main

import (
	"encoding/json"

	"rapport/internal/register"
)

// files gives the forms of an export their examples.
func (d *doc) files(n *register.Noun, content obj) {
	id, shown := exampleID(n.Name), n.Prefix+"-7"
	row := obj{"id": id, "ref": shown, "version": 1, "state": string(n.Flow.Start)}
	line, _ := json.Marshal(row) // texts and a number
	for media, example := range map[string]string{
		"text/csv":             "id,ref,version,state\r\n" + id + "," + shown + ",1," + string(n.Flow.Start) + "\r\n",
		"application/x-ndjson": string(line) + "\n",
	} {
		if c := asObj(content[media]); c != nil {
			c["examples"] = obj{"example": obj{"summary": "With fields=state", "value": example}}
		}
	}
}
