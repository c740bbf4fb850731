package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"rapport/internal/calendar"
	"rapport/internal/fault"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/tabular"
)

// plan is what is known of a file before its rows are tried.
type plan struct {
	noun    *register.Noun
	options Options
	columns []*column
	given   []given // the values of empty cells
	dates   tabular.DateFormat
	decimal tabular.Decimal
	zone    *time.Location
	email   *register.Field // where e-mail addresses stand; nil = nowhere
	total   int             // rows of the file
	own     bool            // an export of a register wrote it
	sheet   bool            // it is a sheet of a workbook
	index   *index          // of the keys in the whole file, if it has parents
}

// column is a column of the file that is meant for something.
type column struct {
	target
	heading string
	at      int // its place among the headings
}

// given is a value for rows whose cell for the target is empty.
type given struct {
	target
	cell string
}

// index tells which records the file itself brings, wherever they stand in it.
type index struct{ keys, names map[string]bool }

// planned makes the plan of an import: its columns as they are mapped, and the
// formats of dates and numbers as they are chosen or as the whole file shows them.
func (d *Desk) planned(ctx context.Context, im *Import) (*plan, error) {
	var err error
	zone := calendar.Zone(d.ledger.Setting(ctx, "time_zone"))
	o, read := im.Settings(), im.Read()
	if o.Customs, err = d.ledger.Customs(ctx); err != nil {
		return nil, err
	}
	p := &plan{noun: im.Noun(), options: o, zone: zone, dates: read.DateFormat, decimal: read.Decimal}
	if p.noun == nil {
		return nil, fault.New(fault.JobFailed, "There is no collection %s any more.", im.Collection)
	}
	if f := p.noun.Field("channels"); f != nil && isChannels(f) {
		p.email = f
	}
	for i, c := range im.Mapping() {
		if t, ok := targetNamed(p.noun, o, c.Target); ok && c.Target != "" {
			p.columns = append(p.columns, &column{t, c.Heading, i})
		}
	}
	for name, cell := range o.Defaults {
		if t, ok := targetNamed(p.noun, o, name); ok && cell != "" {
			p.given = append(p.given, given{t, cell})
		}
	}
	slices.SortFunc(p.given, func(a, b given) int { return int(a.kind - b.kind) })
	p.own, p.sheet = isOwn(headings(im.Mapping())), read.Format == tabular.XLSX
	return p, d.scan(im, p)
}

// mostSamples is how many different dates and numbers are looked at.
const mostSamples = 20_000

// scan goes once over the whole file: it counts the rows, finds the formats that
// only the whole file shows, and notes the keys by which children name parents
// that stand further down.
func (d *Desk) scan(im *Import, p *plan) error {
	rows, done, err := d.open(im)
	if err != nil {
		return err
	}
	defer done()
	var dates, numbers []string
	if slices.ContainsFunc(p.columns, func(c *column) bool { return c.kind == parentCell }) {
		p.index = &index{map[string]bool{}, map[string]bool{}}
	}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadable(err)
		}
		p.total++
		if row.Fault != nil {
			continue
		}
		for _, c := range p.columns {
			cell := cellOf(row, c)
			if cell == "" || c.field == nil && c.kind != parentCell {
				continue
			}
			switch {
			case c.valued() && (c.field.Shape == register.Day || c.field.Shape == register.Moment) && len(dates) < mostSamples:
				dates = append(dates, cell)
			case c.valued() && c.field.Shape == register.Whole && len(numbers) < mostSamples:
				numbers = append(numbers, cell)
			case p.index != nil && c.kind == externalCell:
				p.index.keys[cell] = true
			case p.index != nil && c.field == p.noun.TitleField:
				p.index.names[fold.Fold(cell)] = true
			}
		}
	}
	p.formats(dates, numbers)
	return nil
}

// formats settles how dates and numbers are read: as was chosen, else as the
// samples show.
func (p *plan) formats(dates, numbers []string) {
	if chosen, err := tabular.ParseDateFormat(p.options.DateFormat); err == nil && chosen != tabular.DateUnknown {
		p.dates = chosen
	} else if len(dates) > 0 {
		p.dates = tabular.GuessDates(dates)
	}
	if chosen, err := tabular.ParseDecimal(p.options.Decimal); err == nil && chosen != tabular.DecimalUnknown {
		p.decimal = chosen
	} else if p.own || p.sheet {
		p.decimal = tabular.DecimalPoint // as exports and workbooks write it
	} else if len(numbers) > 0 {
		p.decimal = tabular.GuessDecimal(numbers)
	}
}

// open opens the uploaded file for reading its rows.
func (d *Desk) open(im *Import) (*tabular.Reader, func(), error) {
	file, err := os.Open(d.path(im.ID))
	if err != nil {
		return nil, nil, fault.New(fault.Gone, "The uploaded file is kept no longer: send it again.").Because(err)
	}
	rows, err := tabular.Open(file, im.Read().Detected, structured(im.Noun())...)
	if err != nil {
		return nil, nil, errors.Join(unreadable(err), file.Close())
	}
	return rows, func() { _ = file.Close() }, nil
}

// unreadable tells a file that is no table from one that could not be read.
func unreadable(err error) error {
	var e *tabular.Error
	if errors.As(err, &e) {
		return fault.New(fault.ImportInvalid, "The file cannot be read as a table: %s.", e.Detail)
	}
	return fmt.Errorf("read the upload: %w", err)
}

// cellOf is the text of a row's cell, "" if it has none.
func cellOf(row tabular.Row, c *column) string {
	if c.at < len(row.Names) && c.at < len(row.Cells) && row.Names[c.at] == c.heading {
		return trimmed(row.Cells[c.at])
	}
	cell, _ := row.Get(c.heading)
	return trimmed(cell)
}
