package imports

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// try makes of a row what becomes of it: a new record, a changed one, or faults.
func (w *worker) try(ctx context.Context, k *ledger.Chunk, it *item) error {
	id, err := w.matched(ctx, k, it)
	lost := false // which record is meant
	switch {
	case errors.Is(err, errSeveral):
		lost = true
		it.fault(nil, "ambiguous", "More than one record matches the row.")
	case errors.Is(err, store.ErrNone):
		lost = true
		it.fault(w.column(numberCell), "reference_not_found", "There is no such record to update.")
	case err != nil:
		return err
	}
	if err := w.refer(ctx, k, it, w.chunk.rows[id]); err != nil {
		return err
	}
	if err := w.checkRelations(ctx, k, it); err != nil {
		return err
	}
	if len(it.faults) > 0 {
		if w.tally.Invalid++; lost {
			return nil
		}
		return w.further(ctx, k, it, id)
	}
	switch {
	case id == "":
		return w.enter(ctx, k, it)
	case w.plan.options.OnMatch == "skip":
		w.tally.Skipped++
		return nil
	case w.plan.options.OnMatch == "error":
		it.fault(nil, "duplicate", "The record is there already.")
		w.tally.Invalid++
		return nil
	case isAhead(id):
		if id, err = w.replay(ctx, k, id); err != nil {
			return err
		}
		if id == "" {
			w.tally.Updated++ // what it would change cannot be told any more
			return nil
		}
	}
	return w.update(ctx, k, it, id)
}

// further finds what else is wrong with a row that is not taken: its record is held
// against every rule and undone, so that all faults are told at once. Nothing is said
// of a column again of which something was said already.
func (w *worker) further(ctx context.Context, k *ledger.Chunk, it *item, id string) error {
	before := w.chunk.rows[id]
	if it.row.Fault != nil || id == "" && it.ref != "" || id != "" && (before == nil || w.plan.options.OnMatch != "update") {
		return nil //nolint:nilerr // that the row cannot be read was told
	}
	refused, err := k.Doubt(ctx, w.plan.noun, before, w.plan.options.Adopt, w.plan.fill(it, before), w.asked(it))
	if refused != nil && refused.Code == fault.ValidationFailed {
		it.faultsBeside(w.plan.noun, refused)
	}
	return err
}

// faultsBeside adds the faults of columns of which nothing was said yet.
func (it *item) faultsBeside(n *register.Noun, refused *fault.Error) {
	told := it.faults
	it.faults = nil
	it.faultsOf(n, refused)
	more := slices.DeleteFunc(it.faults, func(f Fault) bool {
		return slices.ContainsFunc(told, func(have Fault) bool { return have.Field == f.Field || have.Column != "" && have.Column == f.Column })
	})
	it.faults = slices.Concat(told, more)
}

// replay enters anew, for this chunk of a dry run, what earlier rows had entered
// under an id, so that a later row meets it as it would in earnest.
func (w *worker) replay(ctx context.Context, k *ledger.Chunk, id string) (string, error) {
	tally, made, deferred, born := w.tally, len(w.made), len(w.deferred), len(w.born)
	w.replaying = true
	defer func() { w.replaying = false }()
	record := ""
	for i, row := range w.past[id] {
		it := w.plan.item(row)
		if err := w.refer(ctx, k, it, nil); err != nil {
			return "", err
		}
		enter := func() error { return w.enter(ctx, k, it) }
		if i > 0 {
			enter = func() error { return w.update(ctx, k, it, record) }
		}
		if i > 0 && record == "" {
			break
		}
		if err := enter(); err != nil {
			return "", err
		}
		if record == "" {
			record = it.record
		}
	}
	w.tally, w.made, w.deferred, w.born = tally, w.made[:made], w.deferred[:deferred], w.born[:born]
	if record != "" {
		w.again[record] = id
	}
	return record, nil
}

func (w *worker) column(kind cellKind) *column {
	for _, c := range w.plan.columns {
		if c.kind == kind {
			return c
		}
	}
	return nil
}

// asked is what comes with a row's change beside its body.
func (w *worker) asked(it *item) ledger.Asked {
	o := w.plan.options
	a := ledger.Asked{RequestID: o.RequestID, AllowDuplicate: o.AllowDuplicate, DuplicateReason: o.DuplicateReason, Source: w.source(it)}
	if number := w.number(it); number > 0 {
		a.Prime = func(rec register.Record) { rec.Meta().Num = number }
	}
	return a
}

// source says where a row came from: the file's name and the row in it.
func (w *worker) source(it *item) string {
	name := w.imported.FileName
	if name == "" {
		name = w.imported.ID
	}
	return name + ", row " + strconv.Itoa(it.number)
}

// number is the number in the ref that an adopted record keeps; 0 for none.
func (w *worker) number(it *item) int64 {
	if !w.plan.options.Adopt || it.ref == "" {
		return 0
	}
	name, err := store.ParseName(w.plan.noun, it.ref)
	if err != nil {
		return 0
	}
	return name.Num
}

func (w *worker) enter(ctx context.Context, k *ledger.Chunk, it *item) error {
	write := k.Create
	if w.plan.options.Adopt {
		write = k.Adopt
		if it.ref != "" && w.number(it) == 0 {
			it.fault(w.column(numberCell), "invalid_format", "ref is written like "+w.plan.noun.Prefix+"-42.")
			w.tally.Invalid++
			return nil
		}
	} else if it.ref != "" {
		it.fault(w.column(numberCell), "reference_not_found", "There is no such record to update; a new one gets its ref from the register.")
		w.tally.Invalid++
		return nil
	}
	row, refused, err := write(ctx, w.plan.noun, w.plan.fill(it, nil), w.asked(it))
	if err != nil {
		return err
	}
	if refused == nil && w.dry && !w.plan.options.AllowDuplicate && !w.replaying {
		refused = w.seenBefore(row)
	}
	if refused != nil {
		it.faultsOf(w.plan.noun, refused)
		w.tally.Invalid++
		return nil
	}
	w.tally.Created++
	id := w.id(row)
	it.record = id
	w.chunk.rows[id] = row
	w.chunk.learn(it, w.plan, id)
	return w.relate(ctx, k, it, id, true)
}

// seenBefore finds in a dry run what a real one would find in the register: a
// record like this one in an earlier chunk.
func (w *worker) seenBefore(row register.Row) *fault.Error {
	n := w.plan.noun
	if n.Alike == nil || w.plan.options.Adopt {
		return nil
	}
	rec, err := n.Load(row)
	if err != nil {
		return fault.Of(err)
	}
	for _, l := range n.Alike(rec) {
		if !l.Exclusive() {
			continue
		}
		f := n.Field(l.Field)
		seen := w.carried.names
		if f == w.plan.email {
			seen = w.carried.emails
		}
		if len(seen[f.Term(l.Value)]) > 0 {
			return fault.New(fault.Duplicate, "There is probably one already: an earlier row of the file has the same %s.", l.On)
		}
	}
	return nil
}

func (w *worker) id(row register.Row) string { return string(row[w.plan.noun.Field("id").Column]) }

func (w *worker) update(ctx context.Context, k *ledger.Chunk, it *item, id string) error {
	before := w.chunk.rows[id]
	row, changed, refused, err := k.Update(ctx, w.plan.noun, before, w.plan.fill(it, before), w.asked(it))
	if err != nil {
		return err
	}
	if refused != nil {
		it.faultsOf(w.plan.noun, refused)
		w.tally.Invalid++
		return nil
	}
	w.chunk.rows[id], it.record = row, id
	w.chunk.learn(it, w.plan, id)
	if changed {
		w.tally.Updated++
	} else {
		w.tally.Unchanged++
	}
	return w.relate(ctx, k, it, id, false)
}

// refer looks the records up that a row's cells name. before is the record that
// the row means, nil for a new one.
func (w *worker) refer(ctx context.Context, k *ledger.Chunk, it *item, before register.Row) error {
	for _, r := range it.refs {
		f := r.column.field
		it.from[f.Name] = r.column
		id, err := w.referTo(ctx, k, it, r, f, before)
		if err != nil {
			return err
		}
		if id != "" {
			it.body = append(slices.Clip(it.body.Without(f.Name)), register.Member{Name: f.Name, Raw: quoted(id)})
		}
	}
	return w.referMany(ctx, k, it, before)
}

// referTo is the id of the record that a cell names for a field, "" if it is a
// fault. An id that stands in the record already may be of what the actor does not
// see.
func (w *worker) referTo(ctx context.Context, k *ledger.Chunk, it *item, r named, f *register.Field, before register.Row) (string, error) {
	if before != nil && slices.Contains(f.Names(before), r.cell) {
		return r.cell, nil
	}
	by, noun := "", strings.ReplaceAll(f.Target, "_", " ")
	if r.column != nil {
		by = r.column.word
	}
	id, err := w.reference(ctx, k, register.ByName(f.Target), by, r.cell)
	switch {
	case errors.Is(err, errSeveral):
		it.fault(r.column, "ambiguous", "More than one "+noun+" is called so: name it by its ref.")
	case errors.Is(err, store.ErrNone):
		it.fault(r.column, "reference_not_found", "There is no such "+noun+".")
	case err != nil:
		return "", err
	default:
		return id, nil
	}
	return "", nil
}
