package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rapport/internal/store"
)

// asProgram makes the test's own binary behave as rapport, so that stories can
// be told of real processes without building one.
const asProgram = "RAPPORT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// process is rapport as a child of the test.
type process struct {
	*testing.T
	command *exec.Cmd
	said    transcript // standard error
	address string
	ended   chan error
}

// start starts a server of a folder on a free port of loopback and waits until it
// is ready.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	p := &process{T: t, ended: make(chan error, 1), address: freeAddress(t)}
	p.command = exec.CommandContext(t.Context(), os.Args[0], append([]string{"serve"}, args...)...)
	p.command.Env = append(os.Environ(), asProgram+"=1", "RAPPORT_DATA="+dir, "RAPPORT_LISTEN="+p.address, "RAPPORT_RATE_LIMIT=off")
	p.command.Stderr = &p.said
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.command.Wait() }()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + p.address + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return p
			}
		}
	}
	t.Fatalf("not ready after 30 s\n%s", &p.said)
	return nil
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// stop sends a signal and waits for the end.
func (p *process) stop(signal os.Signal) error {
	p.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.Fatal(err)
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(20 * time.Second):
		p.Fatal("still there after 20 s")
		return nil
	}
}

func (p *process) post(path, key, body string) (int, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+p.address+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode, err
}

// A server that is told to stop while it is asked answers what is under way: all
// that was answered is there, and nothing is there that was not answered.
func TestStoppingUnderLoadAnswersWhatIsUnderWay(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "--demo")
	var made, unanswered atomic.Int64
	var asking sync.WaitGroup
	quit := make(chan struct{})
	for w := range 8 {
		asking.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-quit:
					return
				default:
				}
				status, err := p.post("/api/v1/stakeholders?allow_duplicate=true", "rapport_demo_l4",
					fmt.Sprintf(`{"name":"Berth %d of pier %d","kind":"organisation","tags":["load"],"duplicate_reason":"all berths are alike"}`, i, w))
				switch {
				case err == nil && status == http.StatusCreated:
					made.Add(1)
				case err != nil && !strings.Contains(err.Error(), "refused"):
					unanswered.Add(1)
				}
			}
		})
	}
	time.Sleep(500 * time.Millisecond)
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v\n%s", err, &p.said)
	}
	close(quit)
	asking.Wait()
	db, err := store.Open(t.Context(), store.Config{Dir: filepath.Join(dir, "demo"), ChainKey: []byte("none"), Now: clock, Beside: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var there int64
	if err := db.Look().ORM(t.Context()).Raw("SELECT count(*) FROM stakeholders WHERE name LIKE 'Berth % of pier %'").Scan(&there).Error; err != nil {
		t.Fatal(err)
	}
	if made.Load() == 0 || there < made.Load() || there > made.Load()+unanswered.Load() {
		t.Errorf("%d were answered, %d are there, %d connections ended without an answer", made.Load(), there, unanswered.Load())
	}
}

// A second server on the same folder ends at once and says why; the first goes on.
func TestASecondServerOfOneFolder(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	second := exec.CommandContext(t.Context(), os.Args[0], "serve")
	second.Env = append(os.Environ(), asProgram+"=1", "RAPPORT_DATA="+dir, "RAPPORT_LISTEN="+freeAddress(t))
	said, err := second.CombinedOutput()
	if err == nil {
		t.Error("the second server serves")
	}
	mentions(t, string(said), "another rapport already serves", dir)
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	mentions(t, p.said.String(), "users add", "keys create", "chain head")
	if _, err := os.Stat(filepath.Join(dir, store.HeadFile)); err != nil {
		t.Errorf("the chain's head was not exported: %v", err)
	}
}

// A server that was killed checks its database at the next start; one with
// another secret, or whose entries were cut off, does not serve.
func TestStartsAfterAccidents(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	_ = p.stop(syscall.SIGKILL)
	p = start(t, dir)
	for range 500 { // it serves while it checks
		if strings.Contains(p.said.String(), "passed its check") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	mentions(t, p.said.String(), "not closed in order", "passed its check")

	refuses := func(why string, env ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), os.Args[0], "serve")
		c.Env = append(os.Environ(), append([]string{asProgram + "=1", "RAPPORT_DATA=" + dir, "RAPPORT_LISTEN=" + freeAddress(t)}, env...)...)
		said, err := c.CombinedOutput()
		if err == nil {
			t.Errorf("it serves, although %s", why)
		}
		mentions(t, string(said), why, "rapport restore")
	}
	refuses("secret is not the one", "RAPPORT_SECRET=quite another secret, 0123456789abcdef")
	if err := os.WriteFile(filepath.Join(dir, store.HeadFile), []byte(`{"seq":100000,"hash":"00","at":"2026-11-22T09:00:00.000Z"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	refuses("missing at the end")
	p = start(t, dir, "--despite-chain")
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// Commands of another process and a running server write one chain.
func TestTwoProcessesWriteOneChain(t *testing.T) {
	m := newMachine(t)
	p := start(t, m.dir)
	m.types(0, "users", "add", "--name", "Ana Pop", "--handle", "ana", "--level", "7", "--role", "admin")
	key, _ := m.types(0, "keys", "create", "--user", "ana", "--scope", "admin")
	key = strings.TrimSpace(key)
	within(t, func() bool {
		status, err := p.post("/api/v1/users", key, `{"name":"","handle":""}`)
		return err == nil && status == 422
	})
	var both sync.WaitGroup
	both.Go(func() {
		for i := range 40 {
			if status, err := p.post("/api/v1/users", key, fmt.Sprintf(`{"name":"Of the server %d","handle":"server%d"}`, i, i)); err != nil || status != 201 {
				t.Errorf("the server answered %d, %v", status, err)
			}
		}
	})
	for i := range 10 {
		var out, err bytes.Buffer
		if status := run([]string{"users", "add", "--name", fmt.Sprintf("Of the command %d", i), "--handle", fmt.Sprintf("command%d", i)}, &out, &err); status != 0 {
			t.Errorf("the command ended with %d: %s", status, &err)
		}
	}
	both.Wait()
	well, _ := m.types(0, "doctor")
	mentions(t, well, "links hold")
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// transcript is what a process said so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
