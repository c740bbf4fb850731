package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rapport/internal/authority"
	"rapport/internal/ledger"
	"rapport/internal/secret"
	"rapport/internal/store"
)

// machine is a machine with a data folder, on which somebody types commands.
type machine struct {
	*testing.T
	dir string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t, filepath.Join(t.TempDir(), "data")}
	for _, s := range settings() {
		t.Setenv(s.variable, "") // empty counts as not set
	}
	t.Setenv("RAPPORT_DATA", m.dir)
	return m
}

// types runs a command and stops the test unless it ends with the given status.
func (m *machine) types(status int, args ...string) (stdout, stderr string) {
	m.Helper()
	m.Setenv("RAPPORT_DATA", m.dir)
	var out, err bytes.Buffer
	if got := run(args, &out, &err); got != status {
		m.Fatalf("rapport %s: want status %d, got %d\n%s%s", strings.Join(args, " "), status, got, &out, &err)
	}
	return out.String(), err.String()
}

// serve opens the register as its server does, until the test ends.
func (m *machine) serve() *ledger.Ledger {
	m.Helper()
	s, err := secret.FromFile(filepath.Join(m.dir, "secret"))
	if err != nil {
		m.Fatal(err)
	}
	db, err := store.Open(context.Background(), store.Config{Dir: m.dir, ChainKey: s.Key(secret.Chain), Now: clock})
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { _ = db.Close() })
	l := ledger.New(db, clock, apiBase)
	if err := l.Start(context.Background()); err != nil {
		m.Fatal(err)
	}
	return l
}

func mentions(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("does not say %q:\n%s", w, text)
		}
	}
}

// The first person and their key are made beside the running server, which takes
// the key within a second and refuses it within a second of its end.
func TestTheFirstPersonAndTheirKey(t *testing.T) {
	m := newMachine(t)
	l := m.serve()
	ctx := context.Background()

	m.types(0, "users", "add", "--name", "Ana Pop", "--handle", "ana", "--level", "7", "--role", "admin")
	said, _ := m.types(0, "users", "list")
	mentions(t, said, "USR-1", "Ana Pop", "7", "admin")
	key, aside := m.types(0, "keys", "create", "--user", "ana", "--scope", "admin", "--expires", "P90D")
	key = strings.TrimSpace(key)
	mentions(t, aside, "KEY-1")

	actor, err := l.Identify(ctx, key, "127.0.0.1")
	if err != nil || actor.Level != authority.L7 || !actor.Has(authority.Admin) {
		t.Fatalf("the running server does not take the key: %+v, %v", actor, err)
	}
	list, _ := m.types(0, "keys", "list")
	mentions(t, list, "KEY-1", "ana", "admin")
	if strings.Contains(list, key) {
		t.Error("the list shows the key")
	}
	m.types(0, "keys", "revoke", "KEY-1")
	within(t, func() bool { _, err := l.Identify(ctx, key, "127.0.0.1"); return err != nil })

	v, err := l.DB.Look().Verify(ctx, 1, 1<<40)
	if err != nil || !v.Valid || v.Pending != 0 {
		t.Errorf("the chain after two processes wrote: %+v, %v", v, err)
	}
}

// The machine's door to levels closes behind the first person of level 7.
func TestLevelsAreRecordedByLevelSevenOnly(t *testing.T) {
	m := newMachine(t)
	m.serve()
	_, said := m.types(1, "users", "add", "--name", "Ben Okafor", "--handle", "ben", "--level", "5")
	mentions(t, said, "must be 7")
	m.types(0, "users", "add", "--name", "Ben Okafor", "--handle", "ben")
	m.types(0, "users", "add", "--name", "Ana Pop", "--handle", "ana", "--level", "7")
	_, said = m.types(1, "users", "add", "--name", "Chiara Rossi", "--handle", "chiara", "--level", "7")
	mentions(t, said, "already")
	_, said = m.types(1, "users", "add", "--name", "", "--handle", "not a handle")
	mentions(t, said, "name:", "handle:")
	_, said = m.types(1, "users", "add", "--name", "", "--handle", "ana", "--level", "5", "--role", "king", "--email", "at home")
	mentions(t, said, "level: there is a person of level 7", "handle: there is somebody", "name:", "roles/0:", "email:")
	_, said = m.types(1, "users", "add", "--name", "Another Ana", "--handle", "ana")
	mentions(t, said, "already")
}

// A command that looks for a register makes none in a wrong place.
func TestNoRegisterNoCommand(t *testing.T) {
	m := newMachine(t)
	for _, args := range [][]string{{"users", "list"}, {"keys", "list"}, {"doctor"}, {"backup", "--out", "b.db"}} {
		_, said := m.types(1, args...)
		mentions(t, said, "RAPPORT_DATA", m.dir)
	}
	plan, _ := m.types(0, "migrate", "--plan")
	mentions(t, plan, "pending", "spine.sql")
	if _, err := os.Stat(m.dir); err == nil {
		t.Error("the folder was made")
	}
}

// Data is loaded once, and its well-known keys open nothing.
func TestSeedLeavesNoKnownKeys(t *testing.T) {
	m := newMachine(t)
	m.types(0, "migrate")
	plan, _ := m.types(0, "migrate", "--plan")
	mentions(t, plan, "nothing to do")
	m.types(0, "seed")
	_, said := m.types(1, "seed")
	mentions(t, said, "not empty")
	l := m.serve()
	for _, k := range demoKeys {
		if _, err := l.Identify(context.Background(), k.Token, "127.0.0.1"); err == nil {
			t.Errorf("%s opens a register that is no demonstration", k.Token)
		}
	}
}

// A backup is made beside the server, checked, and put in place when the server
// is gone; what was there stays aside.
func TestFromBackupToRestoration(t *testing.T) {
	m := newMachine(t)
	l := m.serve()
	m.types(0, "users", "add", "--name", "Ana Pop", "--handle", "ana", "--level", "7")
	file := filepath.Join(t.TempDir(), "monday.db")
	line, aside := m.types(0, "backup", "--out", file)
	var manifest store.Manifest
	if err := json.Unmarshal([]byte(line), &manifest); err != nil || manifest.Records["users"] != 1 || manifest.Head.Seq == 0 {
		t.Fatalf("the manifest: %s, %v", line, err)
	}
	mentions(t, aside, "secret")
	_, said := m.types(1, "backup", "--out", file)
	mentions(t, said, "overwrites nothing")

	m.types(0, "users", "add", "--name", "Ben Okafor", "--handle", "ben")
	ok, _ := m.types(0, "restore", "--check", file)
	mentions(t, ok, "is sound", "secret fits")
	_, said = m.types(1, "restore", file)
	mentions(t, said, "already serves")

	if err := l.DB.Close(); err != nil {
		t.Fatal(err)
	}
	ok, _ = m.types(0, "restore", file)
	mentions(t, ok, "rapport.db.replaced-")
	m.types(0, "restore", file)
	m.types(0, "restore", file)
	if kept, _ := filepath.Glob(filepath.Join(m.dir, "rapport.db.replaced-*")); len(kept) != 3 {
		t.Errorf("three restorations kept %v", kept)
	}
	people, _ := m.types(0, "users", "list")
	if strings.Contains(people, "ben") || !strings.Contains(people, "ana") {
		t.Errorf("not the people of the backup:\n%s", people)
	}
	well, _ := m.types(0, "doctor")
	if strings.Contains(well, "WRONG") {
		t.Error(well)
	}
}

// Into a new folder the secret comes first; then the backup is restored there, and no
// register is spoken of that was not there. What is said of a backup is so.
func TestRestorationIntoANewFolder(t *testing.T) {
	m := newMachine(t)
	l := m.serve()
	_, said := m.types(1, "keys", "create", "--user", "nobody")
	mentions(t, said, `"nobody"`, "rapport users list")
	_, said = m.types(1, "keys", "create", "--user", "USR-99")
	mentions(t, said, `"USR-99"`)
	added, _ := m.types(0, "users", "add", "--name", "Ana Pop", "--handle", "ana", "--level", "7", "--role", "admin")
	mentions(t, added, firstScopes)
	mentions(t, firstSteps, "keys create --user you "+firstScopes)
	file := filepath.Join(t.TempDir(), "monday.db")
	_, said = m.types(0, "backup", "--out", file)
	if _, err := os.Stat(file + ".files"); err == nil || strings.Contains(said, ".files") {
		t.Errorf("there is no folder of files: %s", said)
	}
	if err := l.DB.Close(); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(m.dir, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	m.dir = filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Mkdir(m.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, said = m.types(1, "restore", "--check", file)
	mentions(t, said, "no secret in", "first", "RAPPORT_SECRET")
	if err := os.WriteFile(filepath.Join(m.dir, "secret"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	done, _ := m.types(0, "restore", file)
	if strings.Contains(done, "before") || strings.Contains(done, "replaced") {
		t.Errorf("nothing was there before: %s", done)
	}
}

// A backup that another secret sealed, or that was changed, is told apart.
func TestRestoreRefusesWhatDoesNotFit(t *testing.T) {
	m := newMachine(t)
	m.serve()
	file := filepath.Join(t.TempDir(), "monday.db")
	m.types(0, "backup", "--out", file)
	t.Setenv("RAPPORT_SECRET", "quite another secret, 0123456789abcdef")
	_, said := m.types(1, "restore", "--check", file)
	mentions(t, said, "chain", "RAPPORT_SECRET")
	t.Setenv("RAPPORT_SECRET", "")

	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[len(raw)/2:], "thirty-two bytes that are wrong!")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	_, said = m.types(1, "restore", "--check", file)
	mentions(t, said, "not good")
}

// The doctor finds entries that were cut off, a secret for all to read, and a
// file that is damaged.
func TestDoctorFindsWhatIsWrong(t *testing.T) {
	m := newMachine(t)
	l := m.serve()
	ctx := context.Background()
	head := filepath.Join(m.dir, store.HeadFile)
	if _, err := l.DB.ExportHead(ctx, head); err != nil {
		t.Fatal(err)
	}
	well, _ := m.types(0, "doctor")
	mentions(t, well, "chain head", "is in its place", "flag   governance")

	if err := os.WriteFile(head, []byte(`{"seq":1000,"hash":"00","at":"2026-11-22T09:00:00.000Z"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(m.dir, "secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	ill, _ := m.types(1, "doctor")
	mentions(t, ill, "missing at the end", "chmod 600")

	if err := l.DB.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(m.dir, "rapport.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(strings.Repeat("x", 32)), 4096); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	ill, _ = m.types(1, "doctor")
	mentions(t, ill, "WRONG")
}

// Workflows are printed as they are declared, one or all.
func TestWorkflowsAsDiagrams(t *testing.T) {
	m := newMachine(t)
	all, _ := m.types(0, "workflows")
	mentions(t, all, "%% stakeholder", "%% user", "stateDiagram-v2")
	_, said := m.types(2, "workflows", "stakeholdr")
	mentions(t, said, "did you mean stakeholder")
}
