package imports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/jobs"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/tabular"
)

// Upload is a file as it is handed in.
type Upload struct {
	Body           io.Reader
	Name           string
	Noun           *register.Noun
	Options        Options
	Mapping        map[string]string // what columns are meant for, as far as it is said
	IdempotencyKey string            // hashed; "" = not sent
	Query          string            // what else the request asked for, for comparison with a second one
}

// may asks whether the actor may bring in what a mapping would bring.
func (d *Desk) may(ctx context.Context, n *register.Noun, o Options, columns []Column) error {
	var others []*register.Noun
	for _, c := range columns {
		if t, ok := targetNamed(n, o, c.Target); ok && c.Target != "" {
			switch t.kind {
			case groupCell:
				others = append(others, register.ByName("membership"))
				if slices.Contains(o.CreateMissing, "groups") {
					others = append(others, register.ByName("group"))
				}
			case parentCell:
				others = append(others, register.ByName("relationship"))
			}
		}
	}
	return d.ledger.MayImport(ctx, o.Adopt, n, others...)
}

// Take takes a file in, finds out how it is read and what its columns are meant
// for, and has it checked, or written. replayed says that the same file was handed
// in under the same key before.
func (d *Desk) Take(ctx context.Context, u Upload) (im Import, replayed bool, err error) {
	if err := d.may(ctx, u.Noun, u.Options, nil); err != nil {
		return im, false, err
	}
	a := authority.From(ctx)
	now := d.ledger.Now()
	im = Import{
		ID: register.NewID(now), OwnerType: string(a.Type), OwnerID: a.ID, Collection: u.Noun.Path, State: Checking, Options: written(u.Options),
		FileName: short(u.Name), IdempotencyKey: u.IdempotencyKey, NextRow: 1, Tally: written(Tally{Dry: !u.Options.Commit}),
		CreatedAt: d.at(), UpdatedAt: d.at(), ExpiresAt: register.At(now.Add(Kept)),
	}
	if u.Options.Commit {
		im.State = Committing
	}
	if err := d.keep(&im, u); err != nil {
		return im, false, errors.Join(err, d.drop(im.ID))
	}
	if err := d.understand(&im, u); err != nil {
		return im, false, errors.Join(err, d.drop(im.ID))
	}
	if err := d.may(ctx, u.Noun, u.Options, im.Mapping()); err != nil {
		return im, false, errors.Join(err, d.drop(im.ID))
	}
	kept := im
	err = d.ledger.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		kept = im
		if earlier, err := d.earlier(ctx, tx, &im); err != nil || earlier != nil {
			if earlier != nil {
				kept, replayed = *earlier, true
			}
			return err
		}
		return d.enqueue(ctx, tx, &kept, u.Options.Commit, func() error { return tx.ORM(ctx).Table("imports").Create(&kept).Error })
	})
	if err != nil || replayed {
		return kept, replayed, errors.Join(err, d.drop(im.ID))
	}
	return kept, false, nil
}

// enqueue orders the job of an import and saves the import with it.
func (d *Desk) enqueue(ctx context.Context, tx *store.Tx, im *Import, commit bool, save func() error) error {
	url := d.ledger.Base + "/imports/" + im.ID
	j, err := d.jobs.Enqueue(ctx, tx, jobs.Order{Kind: Kind, Args: order{im.ID, commit}, ResultURL: url, ErrorsURL: url + "/errors"})
	if err != nil {
		return err
	}
	im.JobID = j.ID
	if err := save(); err != nil {
		return fmt.Errorf("save the import: %w", err)
	}
	return nil
}

// earlier finds the import that was handed in under the same key.
func (d *Desk) earlier(ctx context.Context, tx *store.Tx, im *Import) (*Import, error) {
	if im.IdempotencyKey == "" {
		return nil, nil
	}
	var found []Import
	if err := tx.ORM(ctx).Table("imports").Where("idempotency_key = ?", im.IdempotencyKey).Limit(1).Find(&found).Error; err != nil || len(found) == 0 {
		return nil, err
	}
	if found[0].Fingerprint != im.Fingerprint {
		return nil, fault.New(fault.IdempotencyKeyReused, "This Idempotency-Key was used with another file.")
	}
	return &found[0], nil
}

// keep writes the upload to its file.
func (d *Desk) keep(im *Import, u Upload) error {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return store.Full(fmt.Errorf("the folder of uploads: %w", err))
	}
	file, err := os.OpenFile(d.path(im.ID), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return store.Full(fmt.Errorf("keep the upload: %w", err))
	}
	sum := sha256.New()
	im.Size, err = io.Copy(io.MultiWriter(file, sum), io.LimitReader(u.Body, d.Limit+1))
	if err == nil && im.Size > d.Limit {
		err = fault.New(fault.PayloadTooLarge, "The file may have at most %d bytes.", d.Limit).With("max_bytes", d.Limit)
	}
	if err == nil {
		err = file.Sync()
	}
	im.SHA256 = hex.EncodeToString(sum.Sum(nil))
	fingerprint := sha256.Sum256([]byte(im.SHA256 + "\n" + u.Query))
	im.Fingerprint = hex.EncodeToString(fingerprint[:])
	return store.Full(errors.Join(err, file.Close()))
}

func (d *Desk) drop(id string) error {
	if err := os.Remove(d.path(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the upload: %w", err)
	}
	return nil
}

// understand finds out how the file is read and what its columns are meant for.
func (d *Desk) understand(im *Import, u Upload) error {
	o := u.Options
	sheet, err := d.unpack(im.ID, o)
	if err != nil {
		return err
	}
	file, err := os.Open(d.path(im.ID))
	if err != nil {
		return fmt.Errorf("open the upload: %w", err)
	}
	defer func() { _ = file.Close() }()
	found, err := detect(file, o, sheet)
	if err != nil {
		return unreadable(err)
	}
	rows, err := tabular.Open(file, found, structured(u.Noun)...)
	if err != nil {
		return unreadable(err)
	}
	if isOwn(rows.Header()) {
		found.Neutralised = found.BOM // which tells files for spreadsheets from those for programs
	}
	im.Detected = written(Reading{Detected: found})
	columns := keptColumns(u.Noun, o, guess(u.Noun, o, rows.Header()), rows)
	if columns, err = remap(u.Noun, o, columns, u.Mapping); err != nil {
		return err
	}
	im.Columns = written(columns)
	return nil
}

// remap changes what columns are meant for; all that is wrong is told at once.
func remap(n *register.Noun, o Options, columns []Column, mapping map[string]string) ([]Column, error) {
	var faults fault.Fields
	columns = slices.Clone(columns)
	for heading, name := range mapping {
		i := slices.IndexFunc(columns, func(c Column) bool { return c.Heading == heading })
		if i < 0 {
			faults.Add(fault.Field{Pointer: "#/mapping/" + heading, Code: "unknown_field", Detail: "The file has no column " + short(heading) + ".", Suggestion: fault.Nearest(heading, headings(columns))})
			continue
		}
		if _, ok := targetNamed(n, o, name); !ok && name != "" {
			faults.Add(fault.Field{
				Pointer: "#/mapping/" + heading, Code: "not_in_enum", Detail: "The column " + short(heading) + " cannot be meant for " + short(name) + ".", Suggestion: fault.Nearest(name, targetNames(n, o)),
				Params: map[string]any{"allowed": targetNames(n, o)},
			})
			continue
		}
		if _, said := mapping[columns[i].Heading]; said && name != "" {
			columns = without(columns, mapping, name, n, o)
		}
		columns[i].Target, columns[i].Confidence = name, 1
	}
	seen := map[string]string{}
	for _, c := range columns {
		if t, ok := targetNamed(n, o, c.Target); ok && c.Target != "" && !t.list() && seen[c.Target] != "" {
			faults.At("#/mapping/"+c.Heading, "duplicate", "The column %s is meant for %s already.", short(seen[c.Target]), c.Target)
		}
		seen[c.Target] = c.Heading
	}
	return columns, faults.Err()
}

// without takes a target from the column that was only guessed to be meant for it.
func without(columns []Column, mapping map[string]string, name string, n *register.Noun, o Options) []Column {
	t, _ := targetNamed(n, o, name)
	for i, c := range columns {
		if _, said := mapping[c.Heading]; c.Target == name && !said && !t.list() {
			columns[i].Target, columns[i].Confidence = "", 0
		}
	}
	return columns
}

func headings(columns []Column) (names []string) {
	for _, c := range columns {
		names = append(names, c.Heading)
	}
	return names
}
