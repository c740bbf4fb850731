package testkit

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"rapport/internal/imports"
	"rapport/internal/jobs"
	"rapport/internal/secret"
)

// openJobs makes the house's runner, with the desk whose files it works on.
func (h *House) openJobs() {
	h.Jobs = jobs.New(h.DB, h.Clock.Now)
	h.Jobs.Renew = h.Ledger.Renew
	h.imports = imports.New(h.Ledger, h.Jobs, filepath.Join(h.config.Dir, "uploads"))
}

// Folder is the data folder.
func (h *House) Folder() string { return h.config.Dir }

// RunJobs does the jobs that are due, one after the other, and returns how many.
// They run in a goroutine of their own, so that a test can have it killed.
func (h *House) RunJobs() (n int) {
	h.T.Helper()
	return h.runJobs(context.Background())
}

// JobStatements is RunJobs, and returns what the jobs put to the database, but for
// BEGIN and COMMIT.
func (h *House) JobStatements() []string {
	h.T.Helper()
	t := &tally{}
	h.runJobs(context.WithValue(context.Background(), tallyKey{}, t))
	return t.queries
}

func (h *House) runJobs(ctx context.Context) (n int) {
	h.T.Helper()
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		n, err = h.Jobs.RunDue(ctx)
	}()
	<-done
	if err != nil {
		h.T.Fatalf("run the jobs: %v", err)
	}
	return n
}

// Tick does what clocks ask for by now, and returns on how many it acted.
func (h *House) Tick() int {
	h.T.Helper()
	n, err := h.Ledger.Tick(context.Background())
	if err != nil {
		h.T.Fatalf("look after the clocks: %v", err)
	}
	return n
}

// KillJobsAfter has whoever does an import die after so many chunks, without a word.
func (h *House) KillJobsAfter(chunks int) {
	h.imports.Between = func() {
		if chunks--; chunks == 0 {
			runtime.Goexit()
		}
	}
}

// RestartJobs lets another process, later, take over what a dead one was doing.
func (h *House) RestartJobs() {
	h.openJobs()
	h.Clock.Forward(2 * time.Minute)
}

// Register is a digest of the register alone, without what is done beside it.
func (h *House) Register() string {
	h.T.Helper()
	tables := h.picture().Tables
	for _, beside := range []string{"jobs", "imports", "import_faults", "import_links"} {
		delete(tables, beside)
	}
	return fmt.Sprint(tables)
}

// ChainKey seals the entries of all registers under test.
func (h *House) ChainKey() []byte { return sub(secret.Chain) }
