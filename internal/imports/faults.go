package imports

import (
	"context"
	"errors"
	"fmt"
	"io"

	"rapport/internal/fault"
	"rapport/internal/store"
	"rapport/internal/tabular"
)

// faultRow is a row of the table of faults.
type faultRow struct {
	ImportID string
	Num      int
	RowNum   int
	Heading  string
	Value    string
	Field    string
	Code     string
	Detail   string
}

func (f faultRow) fault() Fault {
	return Fault{f.RowNum, f.Heading, f.Value, f.Field, f.Code, f.Detail}
}

// forget forgets what was found in the rows of an import.
func forget(ctx context.Context, tx *store.Tx, id string) error {
	for _, table := range []string{"import_faults", "import_links"} {
		if err := tx.ORM(ctx).Exec("DELETE FROM "+table+" WHERE import_id = ?", id).Error; err != nil {
			return fmt.Errorf("forget the faults: %w", err)
		}
	}
	return nil
}

func insertLinks(ctx context.Context, tx *store.Tx, links []link) error {
	if len(links) == 0 {
		return nil
	}
	if err := tx.ORM(ctx).Table("import_links").CreateInBatches(links, chunkRows).Error; err != nil {
		return fmt.Errorf("note the children: %w", err)
	}
	return nil
}

// Faults reads what is wrong with the rows of an import, in the order of the file;
// after is the number of the fault that was read last. nums are the numbers.
func (d *Desk) Faults(ctx context.Context, id string, after, limit int) (faults []Fault, nums []int, err error) {
	im, err := d.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	rows, err := d.faultRows(ctx, im.ID, after, limit)
	for _, r := range rows {
		faults, nums = append(faults, r.fault()), append(nums, r.Num)
	}
	return faults, nums, err
}

func (d *Desk) faultRows(ctx context.Context, id string, after, limit int) (rows []faultRow, err error) {
	err = d.ledger.DB.Look().ORM(ctx).Table("import_faults").Where("import_id = ? AND num > ?", id, after).Order("num").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	return rows, nil
}

// WriteErrors writes the rows that failed, as they were uploaded, each with what
// is wrong with it: mended, the file can be sent again.
func (d *Desk) WriteErrors(ctx context.Context, im Import, out io.Writer) error {
	problems, err := d.problems(ctx, im.ID)
	if err != nil {
		return err
	}
	rows, done, err := d.open(&im)
	if err != nil {
		return err
	}
	defer done()
	w := tabular.NewErrorsWriter(out, rows)
	for left := len(problems); left > 0; {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadable(err)
		}
		if found := problems[row.Number]; len(found) > 0 {
			left--
			if err := w.Write(row, found...); err != nil {
				return fmt.Errorf("write the errors: %w", err)
			}
		}
	}
	return w.Flush()
}

// problems are what is wrong with each row, in words.
func (d *Desk) problems(ctx context.Context, id string) (map[int][]string, error) {
	all := map[int][]string{}
	for after := 0; ; {
		rows, err := d.faultRows(ctx, id, after, 1000)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			text := r.Detail
			if r.Heading != "" {
				text = r.Heading + ": " + text
			}
			all[r.RowNum] = append(all[r.RowNum], text)
			after = r.Num
		}
		if len(rows) < 1000 {
			return all, nil
		}
	}
}

// Correction is what is changed about an import that was checked.
type Correction struct {
	Mapping    map[string]string
	Defaults   map[string]string
	DateFormat *string
	Decimal    *string
}

// Correct changes how a file is understood and has it checked again.
func (d *Desk) Correct(ctx context.Context, id string, c Correction) (Import, error) {
	customs, err := d.ledger.Customs(ctx)
	if err != nil {
		return Import{}, err
	}
	return d.again(ctx, id, false, func(im *Import) error {
		o := im.Settings()
		o.Customs = customs
		if c.DateFormat != nil {
			o.DateFormat = *c.DateFormat
		}
		if c.Decimal != nil {
			o.Decimal = *c.Decimal
		}
		for name, value := range c.Defaults {
			o.Defaults[name] = value
		}
		faults := &fault.Error{Code: fault.ValidationFailed, Detail: "Fix the fields listed in errors and send it again."}
		checkReading(o, faults)
		checkDefaults(im.Noun(), o, faults)
		for i, f := range faults.Fields {
			faults.Fields[i].Pointer, faults.Fields[i].Parameter = pointerOf(f.Parameter), ""
		}
		columns, err := remap(im.Noun(), o, im.Mapping(), c.Mapping)
		if f := new(fault.Error); errors.As(err, &f) {
			faults.Fields = append(faults.Fields, f.Fields...)
		}
		if len(faults.Fields) > 0 {
			return faults
		}
		im.Options, im.Columns, im.State = written(o), written(columns), Checking
		im.Tally = written(Tally{Dry: true})
		return d.may(ctx, im.Noun(), o, columns)
	})
}

// Commit writes the rows of a file that was checked; validRowsOnly says that those
// with faults may be left out.
func (d *Desk) Commit(ctx context.Context, id string, validRowsOnly bool) (Import, error) {
	return d.again(ctx, id, true, func(im *Import) error {
		if im.State != Checked {
			return refused(im, "commit")
		}
		if bad := im.Counts().Invalid; bad > 0 && !validRowsOnly {
			return fault.New(fault.ImportInvalid, "%d rows are not valid: mend them, or send valid_rows_only to leave them out.", bad).With("invalid", bad)
		}
		im.State, im.Tally = Committing, written(Tally{})
		return d.may(ctx, im.Noun(), im.Settings(), im.Mapping())
	})
}

// again changes an import that nothing is being done with and orders a new job.
func (d *Desk) again(ctx context.Context, id string, commit bool, change func(*Import) error) (im Import, err error) {
	if _, err := d.Get(ctx, id); err != nil {
		return im, err
	}
	err = d.ledger.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if im, err = d.find(ctx, tx, id); err != nil {
			return err
		}
		if err := d.settle(ctx, &im); err != nil {
			return err
		}
		if im.State == Committed || im.State == Checking || im.State == Committing || !im.Counts().Dry && im.Counts().Rows > 0 {
			return refused(&im, map[bool]string{true: "commit", false: "change"}[commit])
		}
		if err := change(&im); err != nil {
			return err
		}
		if err := forget(ctx, tx, im.ID); err != nil {
			return err
		}
		im.NextRow, im.UpdatedAt = 1, d.at()
		return d.enqueue(ctx, tx, &im, commit, func() error {
			return tx.ORM(ctx).Table("imports").Where("id = ?", im.ID).Select("*").Updates(&im).Error
		})
	})
	return im, err
}

func refused(im *Import, what string) error {
	return fault.New(fault.InvalidTransition, "An import that is %s cannot be asked to %s.", im.State, what).
		With("current_state", im.State).With("requested", what).With("allowed_transitions", []string{})
}

func pointerOf(parameter string) string {
	if name, found := cutDefault(parameter); found {
		return "#/defaults/" + name
	}
	return "#/" + parameter
}
