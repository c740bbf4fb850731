// Command apidoc writes the OpenAPI document: annotations for the nouns out of
// the values that the router mounts, then, with those and the ones written by
// hand, openapi/openapi.json and openapi/openapi.yaml. It asks nothing of package
// api but its source, so that a broken document never keeps it from being mended.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("apidoc: ")
	root, err := moduleRoot()
	if err != nil {
		log.Fatal(err)
	}
	if err := run(root); err != nil {
		log.Fatal(err)
	}
}

// The files that are written, from the module's root.
const (
	annotationsFile = "api/openapi_gen.go"
	jsonFile        = "openapi/openapi.json"
	yamlFile        = "openapi/openapi.yaml"
	changelogFile   = "openapi/changelog.md" // a copy, since only what lies below a package can be embedded in it
)

// run writes all files. swag reads the annotations off the disk, so they are
// written first.
func run(root string) error {
	source, err := annotations(root)
	if err != nil {
		return err
	}
	if err := write(filepath.Join(root, annotationsFile), source); err != nil {
		return err
	}
	doc, err := document(root)
	if err != nil {
		return err
	}
	if err := write(filepath.Join(root, jsonFile), doc.json); err != nil {
		return err
	}
	if err := write(filepath.Join(root, yamlFile), doc.yaml); err != nil {
		return err
	}
	changes, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	return write(filepath.Join(root, changelogFile), changes)
}

// write leaves a file alone that holds the bytes already, so that nothing is
// built anew for it.
func write(path string, data []byte) error {
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", path, err)
	}
	return os.WriteFile(path, data, 0o644)
}

// moduleRoot is the nearest folder above that holds go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("there is no go.mod above this folder")
		}
		dir = up
	}
}
