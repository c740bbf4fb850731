package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// attach puts a letter beside a new stakeholder, as the register itself.
func attach(t *testing.T, l *ledger.Ledger) (id, digest string) {
	t.Helper()
	ctx := authority.With(context.Background(), authority.Register())
	body, err := register.ParseBody([]byte(`{"name":"Riverside Residents","kind":"group"}`))
	if err != nil {
		t.Fatal(err)
	}
	made, err := l.Create(ctx, register.Stakeholders, body, ledger.Asked{})
	if err != nil {
		t.Fatal(err)
	}
	taken, err := l.DB.Files().Take(strings.NewReader("Dear Harbour Board"), 100)
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Attach(ctx, register.Stakeholders, made.ID, ledger.Upload{Taken: taken, FileName: "letter.txt"}, ledger.Asked{})
	if err != nil {
		t.Fatal(err)
	}
	_, id, _ = strings.Cut(string(a.Body), `"id":"`)
	return id[:36], taken.SHA256
}

// The files of attachments lie beside the backup, are checked with it, and come
// back with it.
func TestABackupHoldsTheFiles(t *testing.T) {
	m := newMachine(t)
	l := m.serve()
	id, digest := attach(t, l)
	file := filepath.Join(t.TempDir(), "monday.db")
	line, said := m.types(0, "backup", "--out", file)
	mentions(t, line, `"files":1`, `"file_bytes":18`)
	mentions(t, said, "1 files of attachments in the folder "+file+".files")
	ok, _ := m.types(0, "restore", "--check", file)
	mentions(t, ok, "1 files of attachments")

	if err := l.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(m.dir, "files")); err != nil {
		t.Fatal(err)
	}
	m.types(0, "restore", file)
	ctx := authority.With(context.Background(), authority.Register())
	again := m.serve()
	_, content, err := again.Content(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	var read bytes.Buffer
	if _, err := read.ReadFrom(content); err != nil || read.String() != "Dear Harbour Board" {
		t.Errorf("the letter reads %q, %v", read.String(), err)
	}
	if err := content.Close(); err != nil {
		t.Fatal(err)
	}

	beside := filepath.Join(file+".files", digest[:2], digest)
	if err := os.Remove(beside); err != nil { // it may be the register's own under another name
		t.Fatal(err)
	}
	if err := os.WriteFile(beside, []byte("Dear Harbour Bored"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said = m.types(1, "restore", "--check", file)
	mentions(t, said, "damaged")
	if err := os.Remove(beside); err != nil {
		t.Fatal(err)
	}
	_, said = m.types(1, "restore", "--check", file)
	mentions(t, said, "missing")

	well, _ := m.types(0, "doctor")
	mentions(t, well, "1 contents of attachments are in their places")
	if err := os.Remove(filepath.Join(m.dir, "files", digest[:2], digest)); err != nil {
		t.Fatal(err)
	}
	unwell, _ := m.types(1, "doctor")
	mentions(t, unwell, "WRONG  files")
}
