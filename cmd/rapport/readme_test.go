package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The README says where the demonstration keeps its data, and how it begins anew.
func TestReadmeSaysWhereTheDemonstrationLies(t *testing.T) {
	s := serve{config: &config{Listen: "127.0.0.1:8080", Data: "data"}, Demo: true}
	if err := s.prepareDemo(); err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{"`" + filepath.ToSlash(s.Data) + "`", "`go run ./cmd/rapport serve --demo --reset`"} {
		if !strings.Contains(readme(t), said) {
			t.Errorf("README.md does not say %s", said)
		}
	}
}

// The README's commands work in the order in which they stand: the server makes the
// register that the others write to.
func TestReadmeServesBeforeItAddsPeople(t *testing.T) {
	_, steps, _ := strings.Cut(readme(t), "## Running it for real")
	serves, adds, keys := strings.Index(steps, "./rapport serve"), strings.Index(steps, "./rapport users add"), strings.Index(steps, "./rapport keys create")
	if serves < 0 || adds < serves || keys < adds {
		t.Errorf("serve stands at %d, users add at %d, keys create at %d", serves, adds, keys)
	}
	for line := range strings.SplitSeq(steps, "\n") {
		command, found := strings.CutPrefix(line, "./rapport ")
		if !found {
			continue
		}
		command, _, _ = strings.Cut(command, " --")
		args := append(strings.Fields(strings.Split(command, "#")[0]), "--help")
		m := newMachine(t)
		if out, _ := m.types(0, args...); !strings.Contains(out, "Usage: rapport") {
			t.Errorf("%s is no command: %s", command, out)
		}
	}
}
