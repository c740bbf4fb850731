// Package imports brings files of records in: it reads a table, finds out which
// column means which field, tries every row as if it were written, and writes
// those that are valid, in chunks that a crash cannot tear or double. It knows
// neither HTTP nor the rules of any noun: each row goes through the ledger.
package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/tabular"
)

// The states of an import.
const (
	Checking   = "checking"
	Checked    = "checked"
	Committing = "committing"
	Committed  = "committed"
	Failed     = "failed"
	Cancelled  = "cancelled"
)

// Kept is how long an uploaded file and what was found in it are kept.
const Kept = 7 * 24 * time.Hour

// Kind is the kind of the jobs that check and write files.
const Kind = "import"

// Desk is where files are handed in. A file is its owner's alone.
type Desk struct {
	Limit   int64  // bytes that a file may have
	Between func() // called after each chunk; for tests, may be nil

	unpacking sync.Mutex // one workbook is unpacked at a time, which bounds what that takes

	ledger *ledger.Ledger
	jobs   *jobs.Runner
	dir    string // of the uploads
}

// DefaultLimit is how large a file may be.
const DefaultLimit = 25 << 20

// New opens a desk whose files lie in dir, and has the runner do its jobs.
func New(l *ledger.Ledger, runner *jobs.Runner, dir string) *Desk {
	d := &Desk{Limit: DefaultLimit, ledger: l, jobs: runner, dir: dir}
	runner.Handle(Kind, d.do)
	return d
}

// Import is a file that was handed in: a row of the table.
type Import struct {
	ID             string
	OwnerType      string
	OwnerID        string
	Collection     string
	State          string
	JobID          string
	Options        string // JSON: Options
	Detected       string // JSON: Reading
	Columns        string // JSON: []Column
	Tally          string // JSON: Tally
	FileName       string
	Size           int64
	SHA256         string `gorm:"column:sha256"`
	IdempotencyKey string
	Fingerprint    string
	NextRow        int
	CreatedAt      register.Instant
	UpdatedAt      register.Instant
	ExpiresAt      register.Instant
}

// Column says what a column of a file is meant for; an empty target leaves it out.
type Column struct {
	Heading    string  `json:"heading"`
	Target     string  `json:"target"`
	Confidence float64 `json:"confidence"`
}

// Reading is how a file is read.
type Reading struct {
	tabular.Detected
	DateFormat tabular.DateFormat `json:"date_format"`
	Decimal    tabular.Decimal    `json:"decimal"`
}

// Tally counts what became of the rows, or would become of them.
type Tally struct {
	Dry       bool     `json:"dry"`
	Rows      int      `json:"rows"`
	Created   int      `json:"created"`
	Updated   int      `json:"updated"`
	Unchanged int      `json:"unchanged"`
	Skipped   int      `json:"skipped"`
	Invalid   int      `json:"invalid"`
	Faults    int      `json:"faults"`
	Relations Relation `json:"relations"`
	Warnings  []string `json:"warnings"`
}

// Relation counts what became of the relations to parents and groups.
type Relation struct {
	Created   int `json:"created"`
	Unchanged int `json:"unchanged"`
	Invalid   int `json:"invalid"`
}

// Fault is what is wrong with a row, or with one cell of it.
type Fault struct {
	Row    int    `json:"row"`
	Column string `json:"column"`
	Value  string `json:"value"`
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// read parses what the row keeps as JSON.
func read[T any](text string) (v T) {
	_ = json.Unmarshal([]byte(text), &v) // our own JSON
	return v
}

func written(v any) string {
	text, _ := json.Marshal(v) // plain structs
	return string(text)
}

// Noun is the noun of the records that the file brings.
func (im *Import) Noun() *register.Noun { return register.ByPath(im.Collection) }

// Settings are the choices that the file was handed in with.
func (im *Import) Settings() Options { return read[Options](im.Options) }

// Mapping says what each column is meant for.
func (im *Import) Mapping() []Column { return read[[]Column](im.Columns) }

// Read says how the file is read.
func (im *Import) Read() Reading { return read[Reading](im.Detected) }

// Counts are what became of the rows.
func (im *Import) Counts() Tally { return read[Tally](im.Tally) }

func (d *Desk) at() register.Instant { return register.At(d.ledger.Now()) }

func (d *Desk) path(id string) string { return filepath.Join(d.dir, id) }

// none is the answer for what is not there and for what is somebody else's.
func none() error {
	return fault.New(fault.NotFound, "There is no such import, or none of yours.")
}

// Get reads an import of the actor of ctx.
func (d *Desk) Get(ctx context.Context, id string) (Import, error) {
	a := authority.From(ctx)
	if !a.Scopes.Allow("imports", authority.Write) {
		return Import{}, ledger.OutOfScope(a, "imports", authority.Write)
	}
	im, err := d.find(ctx, d.ledger.DB.Look(), id)
	if err != nil {
		return Import{}, err
	}
	return im, d.settle(ctx, &im)
}

// find reads an import if it is the actor's own.
func (d *Desk) find(ctx context.Context, tx *store.Tx, id string) (Import, error) {
	a := authority.From(ctx)
	var found []Import
	err := tx.ORM(ctx).Table("imports").Where("id = ? AND owner_id = ? AND owner_type = ?", strings.ToLower(id), a.ID, string(a.Type)).Limit(1).Find(&found).Error
	if err != nil {
		return Import{}, fmt.Errorf("read the import: %w", err)
	}
	if len(found) == 0 {
		return Import{}, none()
	}
	return found[0], nil
}

// settle says of an import under way what became of its job.
func (d *Desk) settle(ctx context.Context, im *Import) error {
	if im.State != Checking && im.State != Committing {
		return nil
	}
	j, err := d.jobs.Get(ctx, im.JobID)
	switch {
	case errors.Is(err, store.ErrNone), err == nil && j.State == jobs.Failed:
		im.State = Failed
	case err == nil && j.State == jobs.Cancelled:
		im.State = Cancelled
	case err != nil:
		return fmt.Errorf("read the import's job: %w", err)
	}
	return nil
}

// Forget removes the files and rows of imports that are kept no longer, and
// files that belong to none.
func (d *Desk) Forget(ctx context.Context) error {
	now := string(d.at())
	err := d.ledger.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		const gone = "(SELECT id FROM imports WHERE expires_at < ?)"
		for _, query := range []string{
			"DELETE FROM import_faults WHERE import_id IN " + gone, "DELETE FROM import_links WHERE import_id IN " + gone, "DELETE FROM imports WHERE id IN " + gone,
		} {
			if err := tx.ORM(ctx).Exec(query, now).Error; err != nil {
				return fmt.Errorf("forget old imports: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	files, err := os.ReadDir(d.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || d.ledger.Now().Sub(info.ModTime()) < Kept {
			continue
		}
		if err := os.Remove(d.path(f.Name())); err != nil {
			slog.Warn("an old upload could not be removed", "file", f.Name(), "err", err)
		}
	}
	return err
}
