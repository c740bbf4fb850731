package register

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// Reserved are the list parameters, which no field may be named after.
var Reserved = []string{
	"limit", "cursor", "include_total", "sort", "fields", "include", "q", "deleted", "view", "pretty", "tz",
	"validate_only", "allow_duplicate", "version",
}

// Operators are the words behind a filter's last dot; no field may be named so.
var Operators = []string{"ne", "gt", "gte", "lt", "lte", "in", "nin", "contains", "starts", "null", "any", "all", "none"}

// nounOf finds a noun by the type of its records.
var nounOf = map[reflect.Type]*Noun{}

// Define completes k from T's struct tags. It panics on a flaw, so that a faulty
// noun cannot get as far as serving a request.
func Define[T any, P interface {
	*T
	Record
}](k Kind[T]) *Noun {
	t := reflect.TypeFor[T]()
	n := &Noun{
		Name: k.Name, Plural: k.Plural, Prefix: k.Prefix, Doc: k.Doc, Group: k.Group, Type: t.Name(),
		Path: strings.ReplaceAll(k.Plural, "_", "-"), Table: k.Plural,
		Open: k.Open, Retire: k.Retire, Levels: k.Levels, Given: k.Given, Intake: k.Intake, Platform: k.Platform, ReadByAll: k.Reads == "all" || !k.Platform,
		Sort: k.Sort, Unique: k.Unique, New: func() Record { return P(new(T)) },
	}
	as := func(r Record) *T { return (*T)(r.(P)) }
	n.Duties = k.Duties
	n.DerivedFrom = k.DerivedFrom
	if n.Escalates = k.Escalates; n.Escalates != nil {
		k.Flow.Rows = bind(k.Flow.Rows, k.Escalates, func(rec *T) string { return P(rec).Meta().ID })
	}
	n.Flow, n.Raise = flow.Erase(k.Flow, as), flow.EraseRaises(k.Raise, as)
	n.Alters = map[string][]flow.Raise[Record]{}
	for name, raises := range k.Alters {
		n.Alters[name] = flow.EraseRaises(raises, as)
	}
	hook(n, k, as)
	for _, clock := range k.Clocks {
		n.Clocks = append(n.Clocks, eraseClock(clock, as))
	}
	if err := n.complete(t, k.Under, k.Key, k.Paths); err != nil {
		panic(fmt.Sprintf("register: %s: %v", k.Name, err))
	}
	nounOf[t] = n
	defined = append(defined, n)
	return n
}

// hook gives n those of k's hooks that are there, taking any record.
func hook[T any](n *Noun, k Kind[T], as func(Record) *T) {
	if k.Begins != nil {
		n.Begins = func(r Record) flow.State { return k.Begins(as(r)) }
	}
	if k.Prepare != nil {
		n.Prepare = func(r Record, now Instant) { k.Prepare(as(r), now) }
	}
	if k.First != nil {
		n.First = func(ctx context.Context, r Record, look flow.Look) error { return k.First(ctx, as(r), look) }
	}
	if k.Keep != nil {
		n.Keep = func(ctx context.Context, r Record, look flow.Look) error { return k.Keep(ctx, as(r), look) }
	}
	if k.Check != nil {
		n.Check = func(ctx context.Context, r Record, look flow.Look) (fault.Fields, error) {
			return k.Check(ctx, as(r), look)
		}
	}
	if k.May != nil {
		n.May = func(actor authority.Actor, before, r Record) error {
			if before == nil {
				return k.May(actor, nil, as(r))
			}
			return k.May(actor, as(before), as(r))
		}
	}
	if k.Born != nil {
		n.Born = func(ctx context.Context, r Record, do flow.Do) error { return k.Born(ctx, as(r), do) }
	}
	if k.Changed != nil {
		n.Changed = func(ctx context.Context, b, r Record, do flow.Do) error { return k.Changed(ctx, as(b), as(r), do) }
	}
	if k.Concerned != nil {
		n.Concerned = func(r Record) []string { return k.Concerned(as(r)) }
	}
	typed := func(recs []Record) []*T {
		out := make([]*T, len(recs))
		for i, r := range recs {
			out[i] = as(r)
		}
		return out
	}
	if k.Veiled != nil {
		n.Veiled = func(ctx context.Context, recs []Record, do flow.Do) error { return k.Veiled(ctx, typed(recs), do) }
	}
	if k.Dependents != nil {
		n.DependedOn = k.DependedOn
		n.Dependents = func(ctx context.Context, recs []Record, look flow.Look, limit int) ([]string, error) {
			return k.Dependents(ctx, typed(recs), look, limit)
		}
	}
	if k.Derive != nil {
		n.Derive = func(ctx context.Context, r Record, look flow.Look) error { return k.Derive(ctx, as(r), look) }
	}
	if k.HandOver != nil {
		n.HandOver = func(ctx context.Context, r Record, s Succession, do flow.Do) (bool, error) {
			return k.HandOver(ctx, as(r), s, do)
		}
	}
	if k.Alike != nil {
		n.Alike = func(r Record) []Likeness { return k.Alike(as(r)) }
	}
	if k.Deciders != nil {
		n.Awaits = k.Awaits
		n.Deciders = func(ctx context.Context, r Record, look flow.Look) ([]string, error) {
			return k.Deciders(ctx, as(r), look)
		}
	}
	if k.Barred != nil {
		n.Barred = func(actor authority.Actor, r Record) error { return k.Barred(actor, as(r)) }
	}
	if k.BarredBy != nil {
		n.BarredBy = func(r Record) (string, string) { return k.BarredBy(as(r)) }
	}
	if k.Private != nil {
		n.Private = func(r Record) bool { return k.Private(as(r)) }
	}
	if k.Named != nil {
		n.Named = func(ctx context.Context, r Record, look flow.Look) ([]string, error) {
			return k.Named(ctx, as(r), look)
		}
	}
}

// complete reads the struct and checks all that was declared.
func (n *Noun) complete(t reflect.Type, under, key string, paths []string) (err error) {
	if err := n.Flow.Check(); err != nil {
		return err
	}
	if n.Fields, err = fieldsOf(t); err != nil {
		return err
	}
	if n.Said, err = saidOf(t); err != nil {
		return err
	}
	if err := n.indexFields(); err != nil {
		return err
	}
	if err := n.reckon(t); err != nil {
		return err
	}
	n.madeBy()
	n.applyDefaults()
	if err := n.standUnder(under); err != nil {
		return err
	}
	if key != "" {
		if n.Key = n.Field(key); n.Key == nil {
			return fmt.Errorf("its key %q is no field", key)
		}
	}
	for _, row := range n.Flow.Rows {
		for _, name := range slices.Concat(row.Needs, row.Takes) {
			if f := n.Input(name); f == nil || !f.Writable() {
				return fmt.Errorf("transition %s names %q, which is no field that clients write", row.Name, name)
			}
		}
	}
	if err := n.checkAsked(); err != nil {
		return err
	}
	if n.Retire != "" && len(n.Flow.Named(n.Retire)) == 0 {
		return fmt.Errorf("DELETE makes the transition %q, which there is not", n.Retire)
	}
	if err := n.checkClocks(); err != nil {
		return err
	}
	return n.readPaths(paths)
}

// checkAsked refuses guards that ask for what their transition does not write.
func (n *Noun) checkAsked() error {
	for i := range n.Flow.Rows {
		row := &n.Flow.Rows[i]
		for _, g := range row.Guards {
			for _, name := range g.Asks {
				if f := n.Input(name); f == nil || !f.WrittenBy(row) {
					return fmt.Errorf("guard %s of %s asks for %q, which the transition does not write", g.Code, row.Name, name)
				}
			}
		}
	}
	return n.checkAnew()
}

// standUnder reads by which fields records name their parents.
func (n *Noun) standUnder(under string) error {
	for name := range strings.SplitSeq(under, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		f := n.Field(name)
		if f == nil || f.Shape != Ref {
			return fmt.Errorf("it stands under %q, which is no reference", name)
		}
		f.Inherits = true
		n.Under = append(n.Under, f)
	}
	return nil
}

func (n *Noun) indexFields() error {
	n.byName = map[string]*Field{}
	for _, f := range n.Fields {
		if n.byName[f.Name] != nil {
			return fmt.Errorf("two fields named %q", f.Name)
		}
		if slices.Contains(Reserved, f.Name) && f.Circle != OfHead && f.Filter || slices.Contains(Operators, f.Name) {
			return fmt.Errorf("field %q would hide a parameter of that name", f.Name)
		}
		if err := n.checkSet(f); err != nil {
			return err
		}
		if f.Title && n.TitleField == nil {
			n.TitleField = f
		}
		n.byName[f.Name] = f
	}
	for _, f := range n.Said {
		if n.byName[f.Name] != nil {
			return fmt.Errorf("two fields named %q", f.Name)
		}
		if err := n.checkSet(f); err != nil {
			return err
		}
	}
	return n.checkNamed()
}

// checkNamed refuses raises for altering, and derivations from, fields that are none.
func (n *Noun) checkNamed() error {
	for name := range n.Alters {
		if n.byName[name] == nil {
			return fmt.Errorf("levels are raised for altering %q, which is no field", name)
		}
	}
	for _, name := range n.DerivedFrom {
		if n.byName[name] == nil {
			return fmt.Errorf("values are derived from %q, which is no field", name)
		}
	}
	return nil
}

// checkSet refuses a field that something sets which is no transition.
func (n *Noun) checkSet(f *Field) error {
	for _, name := range f.Set {
		if name != "create" && len(n.Flow.Named(name)) == 0 {
			return fmt.Errorf("field %s is set by %q, which is no transition", f.Name, name)
		}
	}
	return nil
}

func (n *Noun) applyDefaults() {
	if n.Group == "" {
		n.Group = "Register"
	}
	if n.Sort == "" {
		n.Sort = "-updated_at"
	}
	if n.Levels == (Levels{}) {
		n.Levels = Levels{authority.L4, authority.L4, authority.L5, authority.L5}
		if n.Intake {
			n.Levels.Create = authority.None
		}
	}
	if n.Open == nil {
		for _, s := range n.Flow.States() {
			if !n.Flow.Ended(s) {
				n.Open = append(n.Open, s)
			}
		}
	}
}

func (n *Noun) readPaths(paths []string) error {
	for _, p := range slices.Concat(paths, []string{byMaker}, n.sorts()) {
		equal, sort, found := strings.Cut(p, " -> ")
		if !found {
			equal, sort = "", p
		}
		path := Path{Sort: strings.TrimSpace(sort)}
		for name := range strings.SplitSeq(equal, ",") {
			if name = strings.TrimSpace(name); name != "" {
				path.Equal = append(path.Equal, name)
			}
		}
		for _, name := range append(slices.Clone(path.Equal), strings.TrimPrefix(path.Sort, "-")) {
			if n.Field(name) == nil {
				return fmt.Errorf("access path %q names %q, which is no field", p, name)
			}
		}
		if f := n.Field(strings.TrimPrefix(path.Sort, "-")); !f.Sort {
			return fmt.Errorf("access path %q sorts by %q, which has no sort tag", p, f.Name)
		}
		n.Paths = append(n.Paths, path)
		if err := n.readLinkPath(path); err != nil {
			return err
		}
	}
	if n.Field(strings.TrimPrefix(n.Sort, "-")) == nil {
		return fmt.Errorf("the list's own order %q names no field", n.Sort)
	}
	return nil
}

// readLinkPath notes a path that leads from a term of a list field. It is kept in the
// order of texts, so it is sorted by time.
func (n *Noun) readLinkPath(p Path) error {
	for _, name := range p.Equal {
		f, sort := n.Field(name), n.Field(strings.TrimPrefix(p.Sort, "-"))
		switch {
		case !f.Many && !f.Terms:
			continue
		case len(p.Equal) > 1 || sort.Shape != Moment && sort.Shape != Day || sort.Circle == Derived:
			return fmt.Errorf("access path %q leads from a list: it takes no other field, and is sorted by a time that is written", p)
		}
		n.linkPaths = append(n.linkPaths, LinkPath{By: f, Sort: sort})
	}
	return nil
}

// sorts are the paths without a filter that the sort tags promise.
func (n *Noun) sorts() (paths []string) {
	for _, f := range n.Fields {
		if f.Sort {
			paths = append(paths, f.Name)
		}
	}
	return paths
}

// Of is the noun of a record.
func Of(rec any) *Noun {
	t := reflect.TypeOf(rec)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return nounOf[t]
}

// Find reads a record by type inside a guard; it is an error if it is not there.
func Find[T any](ctx context.Context, look flow.Look, id string) (*T, error) {
	rec, err := look.Get(ctx, nounOf[reflect.TypeFor[T]()].Name, id)
	if err != nil {
		return nil, err
	}
	return rec.(*T), nil
}

// FindAll reads up to limit records by type inside a guard.
func FindAll[T any](ctx context.Context, look flow.Look, where flow.Where, limit int) ([]*T, error) {
	found, err := look.List(ctx, nounOf[reflect.TypeFor[T]()].Name, where, limit)
	out := make([]*T, 0, len(found))
	for _, rec := range found {
		out = append(out, rec.(*T))
	}
	return out, err
}

// Newest reads the record with the greatest value of the field by; nil if there is none.
func Newest[T any](ctx context.Context, look flow.Look, where flow.Where, by string) (*T, error) {
	found, err := look.Newest(ctx, nounOf[reflect.TypeFor[T]()].Name, where, by, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0].(*T), nil
}

// Before reads what a consequence's record was before the change; nil for a new one.
func Before[T any](do flow.Do) (*T, error) {
	rec, err := do.Before()
	if err != nil || rec == nil {
		return nil, err
	}
	return rec.(*T), nil
}

// Pointer points at a record, for a blocker.
func Pointer(rec any) *flow.Resource {
	n, m := Of(rec), rec.(Record).Meta()
	return &flow.Resource{Type: n.Name, ID: m.ID, Ref: n.Ref(strconv.AppendInt(nil, m.Num, 10))}
}

// Count counts records by type inside a guard.
func Count[T any](ctx context.Context, look flow.Look, where flow.Where) (int64, error) {
	return look.Count(ctx, nounOf[reflect.TypeFor[T]()].Name, where)
}
