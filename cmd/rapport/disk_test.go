//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// inNamespace says that a test runs in a namespace of its own, where it may mount.
const inNamespace = "RAPPORT_TEST_IN_NAMESPACE"

// apart runs a test once more, in a namespace in which a folder can have a disk of
// its own, and reports whether this is that second time. Where the system gives no
// namespaces the test is skipped.
func apart(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		return true
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), inNamespace+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	said, err := c.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &ended):
		t.Skipf("this system gives no namespace of its own: %v", err)
	case strings.Contains(string(said), "--- SKIP"):
		t.Skipf("skipped inside: %s", said)
	case err != nil:
		t.Errorf("inside: %v\n%s", err, said)
	}
	return false
}

// smallDisk puts a folder on a disk of its own, of so many MiB, until the test ends.
func smallDisk(t *testing.T, dir string, size int) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", size)); err != nil {
		t.Skipf("this system lets nobody mount: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
}

// fill takes all of a disk but so many bytes, and returns what gives it back.
func fill(t *testing.T, dir string, but int64) (free func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	var disk syscall.Statfs_t
	for range 10 { // the register may be moving its log meanwhile
		if err = syscall.Statfs(dir, &disk); err == nil {
			err = syscall.Fallocate(int(f.Fd()), 0, 0, int64(disk.Bavail)*disk.Bsize-but)
		}
		if err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(f.Name()); err != nil {
			t.Error(err)
		}
	}
}

// scribe enters stakeholders into a running register and remembers what it was told.
type scribe struct {
	*process
	of      string   // what its names begin with
	made    []string // the names of those that were answered with 201
	refused []string
}

// enter enters one with a long note, and returns the answer's status and code.
func (s *scribe) enter() (status int, code string) {
	s.Helper()
	name := fmt.Sprintf("%s %d", s.of, len(s.made)+len(s.refused))
	body := fmt.Sprintf(`{"name":%q,"kind":"organisation","notes":%q}`, name, strings.Repeat("The quay is loud at night. ", 300))
	status, answer := s.send("/api/v1/stakeholders?allow_duplicate=true", "application/json", body)
	if status == http.StatusCreated {
		s.made = append(s.made, name)
	} else {
		s.refused = append(s.refused, name)
	}
	var problem struct{ Code string }
	_ = json.Unmarshal(answer, &problem)
	return status, problem.Code
}

func (s *scribe) read(path string) (int, []byte) { return s.ask(http.MethodGet, path, "", "") }

func (s *scribe) send(path, media, body string) (int, []byte) {
	return s.ask(http.MethodPost, path, media, body)
}

func (s *scribe) ask(method, path, media, body string) (int, []byte) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, "http://"+s.address+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer rapport_demo_l4")
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Errorf("%s %s: %v\n%s", method, path, err, &s.said)
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		s.Error(err)
	}
	return res.StatusCode, answer
}

// until enters until a status other than 201 is answered, and returns that.
func (s *scribe) until() (status int, code string) {
	s.Helper()
	for range 2000 {
		if status, code = s.enter(); status != http.StatusCreated {
			return status, code
		}
	}
	s.Error("nothing was ever refused")
	return 0, ""
}

// holds checks that all that was acknowledged is there, and nothing that was refused.
func (s *scribe) holds() {
	s.Helper()
	there := map[string]bool{}
	for next := "/api/v1/stakeholders?limit=200&fields=name"; next != ""; {
		status, answer := s.read(next)
		var page struct {
			Data []struct{ Name string }
			Page struct{ Next *string }
		}
		if err := json.Unmarshal(answer, &page); err != nil || status != http.StatusOK {
			s.Fatalf("%d %s", status, answer)
		}
		for _, d := range page.Data {
			there[d.Name] = true
		}
		if next = ""; page.Page.Next != nil {
			next = *page.Page.Next
		}
	}
	for _, name := range s.made {
		if !there[name] {
			s.Errorf("%s was acknowledged and is not there", name)
		}
	}
	for _, name := range s.refused {
		if there[name] {
			s.Errorf("%s was refused and is there", name)
		}
	}
}

// hands in an import and a file that the disk has no room for: both are refused,
// and nothing of them stays.
func (s *scribe) hands(top string) {
	s.Helper()
	csv := "name,kind\n" + strings.Repeat("Riverside Residents,group\n", 50_000)
	if status, answer := s.send("/api/v1/imports?collection=stakeholders", "text/csv", csv); status != http.StatusInsufficientStorage {
		s.Errorf("an import on a full disk: %d %.300s", status, answer)
	}
	form := "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"noise.txt\"\r\n\r\n" + csv + "\r\n--part--\r\n"
	if status, answer := s.send("/api/v1/stakeholders/STK-1/attachments", "multipart/form-data; boundary=part", form); status != http.StatusInsufficientStorage {
		s.Errorf("a file on a full disk: %d %.300s", status, answer)
	}
	c := exec.CommandContext(s.Context(), os.Args[0], "backup", "--out", filepath.Join(top, "copy", "rapport.db"))
	c.Env = append(os.Environ(), asProgram+"=1", "RAPPORT_DATA="+filepath.Join(top, "demo"))
	if said, err := c.CombinedOutput(); err == nil || !strings.Contains(string(said), "full") {
		s.Errorf("a copy onto a full disk: %v, %s", err, said)
	}
	for _, folder := range []string{"uploads", filepath.Join("files", "incoming"), filepath.Join("..", "copy")} {
		left, err := os.ReadDir(filepath.Join(top, "demo", folder))
		if err != nil && !errors.Is(err, os.ErrNotExist) || len(left) > 0 {
			s.Errorf("%s holds %v, %v", folder, left, err)
		}
	}
}

// sound checks a register that nobody serves: the doctor finds nothing wrong but
// perhaps the disk, and a copy of it elsewhere passes its check.
func sound(t *testing.T, dir string) {
	t.Helper()
	rapport := func(args ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), os.Args[0], args...)
		c.Env = append(os.Environ(), asProgram+"=1", "RAPPORT_DATA="+dir)
		said, err := c.CombinedOutput()
		if err != nil && args[0] != "doctor" {
			t.Errorf("rapport %s: %v\n%s", strings.Join(args, " "), err, said)
		}
		return string(said)
	}
	for line := range strings.SplitSeq(rapport("doctor"), "\n") {
		if strings.HasPrefix(line, "WRONG") && !strings.HasPrefix(line, "WRONG  disk") && !strings.HasPrefix(line, "WRONG  governance") {
			t.Error(line)
		}
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	rapport("backup", "--out", copied)
	mentions(t, rapport("restore", "--check", copied), "is sound")
}

// On a disk that fills up, what was acknowledged stays and what is refused says so;
// reading goes on, readiness ends. Once there is space, writing goes on by itself,
// and after a kill all is there.
func TestAFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes for seconds")
	}
	if !apart(t) {
		return
	}
	top := t.TempDir()
	smallDisk(t, top, 64)
	if err := os.Mkdir(filepath.Join(top, "copy"), 0o750); err != nil {
		t.Fatal(err)
	}
	s := &scribe{process: start(t, top, "--demo"), of: "Berth"}
	if status, _ := s.enter(); status != http.StatusCreated {
		t.Fatalf("on an empty disk: %d", status)
	}
	for _, left := range []int64{512 << 10, 4096, 0} {
		free := fill(t, top, left)
		if status, code := s.until(); status != http.StatusInsufficientStorage || code != "storage-full" {
			t.Errorf("with %d bytes left: %d %s", left, status, code)
		}
		for range 5 { // and it stays refused
			if status, code := s.enter(); status != http.StatusInsufficientStorage && status != http.StatusCreated {
				t.Errorf("on a full disk: %d %s", status, code)
			}
		}
		if status, answer := s.read("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(string(answer), "left on the disk") {
			t.Errorf("readiness on a full disk: %d %s", status, answer)
		}
		s.holds()
		s.hands(top)
		free()
		if status, answer := s.read("/readyz"); status != http.StatusOK {
			t.Errorf("readiness with space again: %d %s", status, answer)
		}
		if status, code := s.enter(); status != http.StatusCreated {
			t.Fatalf("with space again: %d %s\n%s", status, code, &s.said)
		}
	}
	free := fill(t, top, 256<<10)
	crowd := []*scribe{{process: s.process, of: "Pier"}, {process: s.process, of: "Lock"}, {process: s.process, of: "Quay"}, {process: s.process, of: "Crane"}}
	var writing sync.WaitGroup
	for _, one := range crowd { // changes that share a commit
		writing.Go(func() {
			if status, _ := one.until(); status != http.StatusInsufficientStorage {
				t.Errorf("in a crowd: %d", status)
			}
		})
	}
	writing.Wait()
	_ = s.stop(syscall.SIGKILL) // while the disk is full
	free()
	s.process = start(t, top, "--demo")
	for _, one := range append(crowd, s) {
		one.process = s.process
		one.holds()
	}
	if status, _ := s.enter(); status != http.StatusCreated {
		t.Errorf("after all: %d", status)
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	sound(t, filepath.Join(top, "demo"))
}

// limitFiles bounds the size of the files that a process writes: beyond it the
// system fails its writes with another error than that of a full disk.
func limitFiles(t *testing.T, pid int, most uint64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: most, Max: ^uint64(0)}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0); errno != 0 { //nolint:gosec // the system's own form of asking
		t.Skipf("this system lets nobody limit a process: %v", errno)
	}
}

// After a write that failed for another reason than space, nobody knows what is on
// the disk: nothing more is written and the register is not ready until it was
// started again, and then all that was acknowledged is there.
func TestADiskThatFails(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes for seconds")
	}
	dir := t.TempDir()
	s := &scribe{process: start(t, dir, "--demo"), of: "Berth"}
	s.enter()
	journal, err := os.Stat(filepath.Join(dir, "demo", "rapport.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	limitFiles(t, s.command.Process.Pid, uint64(journal.Size())+256<<10)
	if status, code := s.until(); status != http.StatusServiceUnavailable || code != "dependency-unavailable" {
		t.Errorf("on a disk that fails: %d %s", status, code)
	}
	limitFiles(t, s.command.Process.Pid, ^uint64(0))
	for range 3 {
		if status, code := s.enter(); status != http.StatusServiceUnavailable || code != "dependency-unavailable" {
			t.Errorf("after the failure: %d %s", status, code)
		}
	}
	if status, answer := s.read("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("readiness after the failure: %d %s", status, answer)
	}
	s.holds()
	_ = s.stop(syscall.SIGTERM)
	s.process = start(t, dir, "--demo")
	s.holds()
	if status, _ := s.enter(); status != http.StatusCreated {
		t.Errorf("after the start: %d", status)
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if !slices.Contains(s.made, "Berth 0") {
		t.Error("nothing was made")
	}
	sound(t, filepath.Join(dir, "demo"))
}
