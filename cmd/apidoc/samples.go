package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rapport/internal/register"
)

// sample is a valid body of a noun, and which of its members take the id of a
// record of another noun.
type sample struct {
	Create map[string]any    `json:"create"`
	Needs  map[string]string `json:"needs"`
}

// readSamples reads the samples that there are. A noun without one is none the
// worse: its example is made of its fields.
func readSamples(root string) (map[string]sample, error) {
	all := map[string]sample{}
	for _, n := range register.All() {
		raw, err := os.ReadFile(filepath.Join(root, "seeds", "samples", n.Name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var s sample
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, fmt.Errorf("seeds/samples/%s.json: %w", n.Name, err)
		}
		all[n.Name] = s
	}
	return all, nil
}
