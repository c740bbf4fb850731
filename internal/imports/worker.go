package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"rapport/internal/fault"
	"rapport/internal/fold"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/tabular"
)

// chunkRows is how many rows share a transaction at most; between two of them others
// write. Where others wait, the next chunk has only as many as take about chunkTime,
// and no fewer than leastRows, for each chunk has a cost of its own.
const (
	chunkRows = 200
	leastRows = 20
	chunkTime = 50 * time.Millisecond
)

// maxRows is how many rows a file may have.
const maxRows = 500_000

// order is what a job is asked for with.
type order struct {
	Import string `json:"import"`
	Commit bool   `json:"commit"`
}

// worker takes the rows of one file into the register, or tries to.
type worker struct {
	desk     *Desk
	run      *jobs.Run
	imported Import
	plan     *plan
	dry      bool
	tally    Tally
	next     int           // the first row that is not done
	size     int           // how many rows the next chunk has
	took     time.Duration // the last chunk's work
	waited   bool          // somebody did, for its end

	chunk     *known                   // keys that matter to the rows of the present chunk
	carried   *known                   // keys that earlier chunks of a dry run brought
	past      map[string][]tabular.Row // the rows that brought them, by the id that stands for the record
	again     map[string]string        // records of those that the present chunk entered anew: id → what stands for it
	named     map[string]string        // what cells named before
	learnt    []string                 // of that, what the present chunk found
	groups    map[string]string        // groups that the file made: folded name → id
	born      []string                 // of those, the ones of the present chunk
	replaying bool                     // an earlier row is entered anew
	made      []*item                  // rows of the present chunk that stand
	deferred  []link                   // children whose parents come later
}

// do checks a file, or writes its rows. It goes on where a job that was
// interrupted stopped writing; a check begins anew.
func (d *Desk) do(ctx context.Context, run *jobs.Run) error {
	var asked order
	if err := run.Arguments(&asked); err != nil {
		return err
	}
	im, err := d.find(ctx, d.ledger.DB.Look(), asked.Import)
	if err != nil {
		return err
	}
	w := &worker{desk: d, run: run, imported: im, dry: !asked.Commit, size: chunkRows, named: map[string]string{}, groups: map[string]string{}, carried: newKnown(), past: map[string][]tabular.Row{}}
	if w.plan, err = d.planned(ctx, &im); err != nil {
		return err
	}
	if w.plan.total > maxRows {
		return fault.New(fault.ImportInvalid, "The file has %d rows; %d are the most. Split it.", w.plan.total, maxRows)
	}
	if err := d.may(ctx, im.Noun(), im.Settings(), im.Mapping()); err != nil {
		return err
	}
	w.tally, w.next = im.Counts(), max(im.NextRow, 1)
	if w.dry {
		if err := w.begin(ctx); err != nil {
			return err
		}
	}
	if err := w.rows(ctx); err != nil {
		return err
	}
	if err := w.children(ctx); err != nil {
		return err
	}
	return w.end(ctx)
}

// begin forgets what an earlier check found.
func (w *worker) begin(ctx context.Context) error {
	w.tally, w.next = Tally{Dry: true}, 1
	return w.desk.ledger.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := forget(ctx, tx, w.imported.ID); err != nil {
			return err
		}
		return w.save(ctx, tx, nil)
	})
}

// rows takes the rows of the file, chunk by chunk.
func (w *worker) rows(ctx context.Context) error {
	rows, done, err := w.desk.open(&w.imported)
	if err != nil {
		return err
	}
	defer done()
	if err := rows.SkipTo(w.next); err != nil && !errors.Is(err, io.EOF) {
		return unreadable(err)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		some, err := readChunk(rows, w.size)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			return nil
		}
		if err := w.take(ctx, some); err != nil {
			return err
		}
		w.size = paced(len(some), w.took, w.waited)
		if w.desk.Between != nil {
			w.desk.Between()
		}
	}
}

// paced is how many rows the next chunk has, going by how long some took and whether
// anybody waited for them.
func paced(rows int, took time.Duration, waited bool) int {
	fit := 2 * int64(rows)
	if waited {
		fit = int64(rows) * int64(chunkTime) / max(int64(took), 1)
	}
	return int(min(max(fit, leastRows), chunkRows))
}

func readChunk(rows *tabular.Reader, most int) (some []tabular.Row, err error) {
	for len(some) < most {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return some, nil
		}
		if err != nil {
			return nil, unreadable(err)
		}
		some = append(some, row)
	}
	return some, nil
}

// take makes one chunk. Its work may be done more than once, so it begins from
// what the chunk before left.
func (w *worker) take(ctx context.Context, rows []tabular.Row) error {
	tally, deferred, groups := w.tally, len(w.deferred), maps.Clone(w.groups)
	var items []*item
	err := w.desk.ledger.InChunk(ctx, w.dry, func(ctx context.Context, k *ledger.Chunk) (err error) {
		defer func(began time.Time) { w.took, w.waited = time.Since(began), w.desk.ledger.DB.Waiting() > 0 }(time.Now())
		w.tally, w.deferred, w.groups = tally, w.deferred[:deferred], maps.Clone(groups)
		w.unlearn()
		w.made, w.born, w.again, items = nil, nil, map[string]string{}, make([]*item, 0, len(rows))
		for _, row := range rows {
			items = append(items, w.plan.item(row))
		}
		if w.chunk, err = w.plan.lookUp(ctx, k, items); err != nil {
			return err
		}
		for _, it := range items {
			w.tally.Rows++
			if err := w.try(ctx, k, it); err != nil {
				return fmt.Errorf("row %d: %w", it.number, err)
			}
		}
		if w.dry {
			return nil
		}
		if err := insertLinks(ctx, k.Tx, w.deferred); err != nil {
			return err
		}
		w.deferred = w.deferred[:0]
		w.next = rows[len(rows)-1].Number + 1
		return w.save(ctx, k.Tx, items)
	})
	w.learnt = nil
	if err != nil || !w.dry {
		return err
	}
	w.carry()
	w.next = rows[len(rows)-1].Number + 1
	return w.desk.ledger.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return w.save(ctx, tx, items) })
}

// carry remembers what a chunk that was undone would have brought, so that later
// rows find it.
func (w *worker) carry() {
	for _, it := range w.made {
		id := w.again[it.record]
		if id == "" {
			id = ahead + ":" + it.record
		}
		w.carried.learn(it, w.plan, id)
		w.past[id] = append(w.past[id], it.row)
	}
	for _, name := range w.born {
		w.groups[name] = ahead
	}
}

// save writes the progress down with the faults of the rows that were taken, and
// fails if the job is no longer this worker's.
func (w *worker) save(ctx context.Context, tx *store.Tx, items []*item) error {
	var faults []faultRow
	num := w.tally.Faults
	for _, it := range items {
		for _, f := range it.faults {
			num++
			faults = append(faults, faultRow{w.imported.ID, num, f.Row, f.Column, f.Value, f.Field, f.Code, f.Detail})
		}
	}
	if len(faults) > 0 {
		if err := tx.ORM(ctx).Table("import_faults").CreateInBatches(faults, chunkRows).Error; err != nil {
			return fmt.Errorf("note the faults: %w", err)
		}
	}
	tally := w.tally
	tally.Faults = num
	set := map[string]any{"tally": written(tally), "next_row": w.next, "updated_at": string(w.desk.at()), "detected": w.readAs()}
	if err := tx.ORM(ctx).Table("imports").Where("id = ?", w.imported.ID).Updates(set).Error; err != nil {
		return fmt.Errorf("note the import's progress: %w", err)
	}
	tx.After(func() { w.tally = tally })
	return w.run.Step(ctx, tx, int64(tally.Rows), int64(w.plan.total), fmt.Sprintf("Row %d", tally.Rows))
}

// readAs is how the file is read, with the formats that its rows showed.
func (w *worker) readAs() string {
	read := w.imported.Read()
	read.DateFormat, read.Decimal = w.plan.dates, w.plan.decimal
	return written(read)
}

// end says that the file is checked, or written.
func (w *worker) end(ctx context.Context) error {
	return w.desk.ledger.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		state := Committed
		if w.dry {
			state = Checked
		}
		w.tally.Warnings = w.warnings()
		if err := tx.ORM(ctx).Table("imports").Where("id = ?", w.imported.ID).Update("state", state).Error; err != nil {
			return fmt.Errorf("end the import: %w", err)
		}
		return w.save(ctx, tx, nil)
	})
}

// children binds those to their parents whose parents stood further down.
func (w *worker) children(ctx context.Context) error {
	if w.dry {
		return w.tryChildren(ctx)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		left := false
		err := w.desk.ledger.InChunk(ctx, false, func(ctx context.Context, k *ledger.Chunk) (err error) {
			left, err = w.bindSome(ctx, k)
			return err
		})
		if err != nil || !left {
			return err
		}
	}
}

// bindSome binds a chunk of children; left reports whether there were any.
func (w *worker) bindSome(ctx context.Context, k *ledger.Chunk) (left bool, err error) {
	tally := w.tally
	defer func() {
		if err != nil {
			w.tally = tally
		}
	}()
	var links []link
	if err := k.Tx.ORM(ctx).Table("import_links").Where("import_id = ?", w.imported.ID).Order("row_num").Limit(chunkRows).Find(&links).Error; err != nil {
		return false, fmt.Errorf("read the children: %w", err)
	}
	if len(links) == 0 {
		return false, nil
	}
	items := make([]*item, len(links))
	for i, l := range links {
		items[i] = w.childItem(l)
	}
	w.plan.index = nil // what is not in the register by now is in no row that was valid
	if w.chunk, err = w.plan.lookUp(ctx, k, items); err != nil {
		return false, err
	}
	for i, l := range links {
		parent, err := w.parentOf(ctx, k, items[i].parent)
		switch {
		case errors.Is(err, store.ErrNone) || errors.Is(err, errSeveral):
			w.orphan(items[i])
		case err != nil:
			return false, err
		default:
			if err := w.bind(ctx, k, items[i], l, parent, false); err != nil {
				return false, err
			}
		}
	}
	last := links[len(links)-1].RowNum
	if err := k.Tx.ORM(ctx).Exec("DELETE FROM import_links WHERE import_id = ? AND row_num <= ?", w.imported.ID, last).Error; err != nil {
		return false, fmt.Errorf("forget the children: %w", err)
	}
	return true, w.save(ctx, k.Tx, items)
}

// childItem is the row of a child as far as its parent is concerned.
func (w *worker) childItem(l link) *item {
	c := *w.column(parentCell)
	c.heading = l.Heading
	return &item{number: l.RowNum, parent: &named{&c, l.Target}, row: tabular.Row{Names: []string{l.Heading}, Cells: []string{l.Target}}, from: map[string]*column{}}
}

func (w *worker) orphan(it *item) {
	w.tally.Relations.Invalid++
	it.fault(it.parent.column, "reference_not_found", "The row that would bring the parent is not valid itself.")
}

// tryChildren finds the children whose parents would not be there.
func (w *worker) tryChildren(ctx context.Context) error {
	var items []*item
	for _, l := range w.deferred {
		it := w.childItem(l)
		x := register.ExternalID{System: w.plan.options.ExternalSystem, Key: l.Target}
		if w.carried.keys[x] != "" || len(w.carried.names[fold.Fold(l.Target)]) > 0 {
			w.tally.Relations.Created++
			continue
		}
		w.orphan(it)
		items = append(items, it)
	}
	if len(w.deferred) == 0 {
		return nil
	}
	return w.desk.ledger.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return w.save(ctx, tx, items) })
}

// warnings are what its owner should know of the file as a whole.
func (w *worker) warnings() []string {
	list := []string{}
	for _, c := range w.imported.Mapping() {
		if c.Target == "" && c.Heading != tabular.ErrorColumn {
			why := howKept(w.plan.noun, w.plan.noun.Field(plainWord(c.Heading)))
			if why == "" {
				why = "it is meant for no field."
			}
			list = append(list, "The column "+short(c.Heading)+" is left out: "+why)
		}
	}
	for _, f := range w.plan.noun.Fields {
		meant := func(c *column) bool { return c.field == f }
		if f.Writable() && f.Required && w.plan.options.Defaults[f.Name] == "" && !slices.ContainsFunc(w.plan.columns, meant) {
			list = append(list, "No column is meant for "+f.Name+", which new records need: map one, or give a default, as default."+f.Name+"=… in the query or under defaults by PATCH.")
		}
	}
	if w.plan.dates == tabular.DateAmbiguous {
		list = append(list, "The dates do not show whether the day or the month comes first: choose date_format.")
	}
	if w.plan.decimal == tabular.DecimalAmbiguous {
		list = append(list, "The numbers do not show which mark parts the fraction: choose decimal.")
	}
	return list
}
