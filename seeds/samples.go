package seeds

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed samples/*.json
var samples embed.FS

// Sample is a valid record of a noun, the smallest that a client can enter:
// tests make their records of it, and documents show it.
type Sample struct {
	// Create is a body that POST accepts.
	Create map[string]any `json:"create"`
	// Needs names the members that take the id of a record of another noun; "issue,issue" where one is not enough.
	Needs map[string]string `json:"needs"`
	// Instead names the members that leave others out, because they exclude them.
	Instead map[string]string `json:"instead"`
	// Values are values of fields that no type tells, two or more of each.
	Values map[string][]any `json:"values"`
}

// SampleOf reads the sample of a noun; ok is false where clients enter none.
func SampleOf(noun string) (s Sample, ok bool, err error) {
	raw, err := samples.ReadFile("samples/" + noun + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		return s, false, fmt.Errorf("the sample of %s: %w", noun, err)
	}
	return s, true, nil
}
