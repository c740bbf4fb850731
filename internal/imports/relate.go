package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/fold"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// link is a child whose parent stands further down in the file.
type link struct {
	ImportID string
	RowNum   int
	RecordID string
	Kind     string // of the child
	Heading  string
	Target   string // the cell that names the parent
}

// checkRelations finds the groups and the parent that a row names, before
// anything is written: a row that names what is nowhere is not written.
func (w *worker) checkRelations(ctx context.Context, k *ledger.Chunk, it *item) error {
	for _, name := range it.groups {
		_, err := w.group(ctx, k, name)
		missing := errors.Is(err, store.ErrNone)
		switch {
		case missing && !slices.Contains(w.plan.options.CreateMissing, "groups"):
			it.fault(w.column(groupCell), "reference_not_found", "There is no group "+short(name)+"; create_missing=groups enters it.")
		case errors.Is(err, errSeveral):
			it.fault(w.column(groupCell), "ambiguous", "More than one group is called "+short(name)+".")
		case err != nil && !missing:
			return err
		}
	}
	if it.parent == nil {
		return nil
	}
	if slices.ContainsFunc(it.keys, func(x key) bool { return x.Key == it.parent.cell }) {
		it.parent = nil // who stands at the top is often written as its own parent
		return nil
	}
	_, err := w.parentOf(ctx, k, it.parent)
	switch {
	case errors.Is(err, errSeveral):
		it.fault(it.parent.column, "ambiguous", "More than one record is called so: name the parent by its key or its ref.")
	case errors.Is(err, store.ErrNone):
		it.fault(it.parent.column, "reference_not_found", "There is no such record, neither in the register nor in the file.")
	default:
		return err
	}
	return nil
}

// parentOf is the id of the record that a parent cell names; ahead for one that
// the file brings and the register does not hold (yet).
func (w *worker) parentOf(ctx context.Context, k *ledger.Chunk, p *named) (string, error) {
	by, cell := p.column.word, p.cell
	if by == "" || by == "id" || by == "ref" {
		if id, err := w.byName(ctx, k, w.plan.noun, cell); err == nil || !errors.Is(err, store.ErrNone) {
			return id, err
		}
	}
	x := register.ExternalID{System: w.plan.options.ExternalSystem, Key: cell}
	for _, known := range []*known{w.chunk, w.carried} {
		if id := known.keys[x]; id != "" && (by == "" || by == "external_id") {
			return id, nil
		}
		if by != "" && by != "name" {
			continue
		}
		switch ids := known.names[fold.Fold(cell)]; len(ids) {
		case 0:
		case 1:
			return ids[0], nil
		default:
			return "", errSeveral
		}
	}
	if ix := w.plan.index; ix != nil && (by != "name" && ix.keys[cell] || by != "external_id" && ix.names[fold.Fold(cell)]) {
		return ahead, nil
	}
	return "", store.ErrNone
}

// group is the id of the group that a cell names.
func (w *worker) group(ctx context.Context, k *ledger.Chunk, name string) (string, error) {
	if id := w.groups[fold.Fold(name)]; id != "" {
		return id, nil
	}
	return w.reference(ctx, k, register.ByName("group"), "", name)
}

// relate puts a record that stands where the row says that it belongs. What cannot
// be said is a fault of the row; the record stays.
func (w *worker) relate(ctx context.Context, k *ledger.Chunk, it *item, id string, fresh bool) error {
	w.made = append(w.made, it)
	for _, name := range it.groups {
		if err := w.join(ctx, k, it, id, name, fresh); err != nil {
			return err
		}
	}
	if it.parent == nil {
		return nil
	}
	parent, err := w.parentOf(ctx, k, it.parent)
	if err != nil {
		return err
	}
	child := link{ImportID: w.imported.ID, RowNum: it.number, RecordID: id, Kind: w.kindOf(id, it), Heading: it.parent.column.heading, Target: it.parent.cell}
	switch {
	case parent == ahead:
		w.deferred = append(w.deferred, child)
		return nil
	case isAhead(parent):
		w.tally.Relations.Created++
		return nil
	}
	return w.bind(ctx, k, it, child, parent, fresh)
}

func (w *worker) kindOf(id string, it *item) string {
	var kind string
	if row := w.chunk.rows[id]; row != nil && w.plan.noun.Field("kind") != nil {
		return string(row[w.plan.noun.Field("kind").Column])
	}
	_ = json.Unmarshal(it.body.Get("kind"), &kind) // "" if it says none
	return kind
}

// join makes a record a member of a group, once.
func (w *worker) join(ctx context.Context, k *ledger.Chunk, it *item, id, name string, fresh bool) error {
	group, err := w.group(ctx, k, name)
	if errors.Is(err, store.ErrNone) {
		group, err = w.newGroup(ctx, k, it, name)
	}
	if err != nil || group == "" {
		return err
	}
	if isAhead(group) {
		w.tally.Relations.Created++
		return nil
	}
	body := fields("group_id", group, "stakeholder_id", id)
	where := flow.Where{"group_id": group, "stakeholder_id": id, "state": "active"}
	return w.connect(ctx, k, it, w.column(groupCell), register.ByName("membership"), body, where, fresh)
}

// newGroup enters a group that create_missing asks for; "" if it was refused.
func (w *worker) newGroup(ctx context.Context, k *ledger.Chunk, it *item, name string) (string, error) {
	n := register.ByName("group")
	row, refused, err := k.Create(ctx, n, fields("name", name), ledger.Asked{RequestID: w.plan.options.RequestID, Source: w.source(it)})
	if err != nil {
		return "", err
	}
	if refused != nil {
		w.unrelated(it, w.column(groupCell), refused)
		return "", nil
	}
	id := string(row[n.Field("id").Column])
	w.groups[fold.Fold(name)] = id
	w.born = append(w.born, fold.Fold(name))
	return id, nil
}

// bind says that a record stands below another.
func (w *worker) bind(ctx context.Context, k *ledger.Chunk, it *item, child link, parent string, fresh bool) error {
	kind, from, to := w.plan.options.Parent, child.RecordID, parent
	if kind == "auto" {
		kind = "parent_of"
		if child.Kind == "individual" {
			kind = "works_for"
		}
	}
	if kind == "parent_of" {
		from, to = to, from
	}
	body := fields("from_id", from, "to_id", to, "type", kind)
	where := flow.Where{"from_id": from, "to_id": to, "type": kind}
	return w.connect(ctx, k, it, w.column(parentCell), register.ByName("relationship"), body, where, fresh)
}

// connect enters a record that joins two others, unless there is one.
func (w *worker) connect(ctx context.Context, k *ledger.Chunk, it *item, c *column, n *register.Noun, body register.Body, where flow.Where, fresh bool) error {
	if !fresh {
		there, err := k.Tx.Count(ctx, n, where)
		if err != nil {
			return fmt.Errorf("look for a %s: %w", n.Name, err)
		}
		if there > 0 {
			w.tally.Relations.Unchanged++
			return nil
		}
	}
	write := k.Create
	if w.plan.options.Adopt {
		write = k.Adopt
		if slices.Contains(n.Flow.States(), "confirmed") {
			body = append(body, fields("state", "confirmed")...)
		}
	}
	_, refused, err := write(ctx, n, body, ledger.Asked{RequestID: w.plan.options.RequestID, Source: w.source(it)})
	if err != nil {
		return err
	}
	if refused != nil {
		w.unrelated(it, c, refused)
		return nil
	}
	w.tally.Relations.Created++
	return nil
}

// unrelated notes that a relation was refused.
func (w *worker) unrelated(it *item, c *column, refused *fault.Error) {
	w.tally.Relations.Invalid++
	detail, code := refused.Detail, string(refused.Code)
	if len(refused.Fields) > 0 {
		detail, code = refused.Fields[0].Detail, refused.Fields[0].Code
	}
	it.fault(c, code, detail)
}

func fields(pairs ...string) (body register.Body) {
	for i := 0; i < len(pairs); i += 2 {
		body = append(body, register.Member{Name: pairs[i], Raw: quoted(pairs[i+1])})
	}
	return body
}
