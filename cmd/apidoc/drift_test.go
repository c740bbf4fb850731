package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What is committed is what is generated.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	source, err := annotations(root)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := document(root)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{annotationsFile: source, jsonFile: doc.json, yamlFile: doc.yaml, changelogFile: changes} {
		have, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is out of date: run go generate ./... and commit what it writes", name)
		}
	}
}
