package register

import "reflect"

// madeBy are the members that say who made a record and who changed it last. No field
// of a record's struct stands for them: they are found by their names as fields are,
// so that lists are filtered by them.
func (n *Noun) madeBy() {
	n.Made = []*Field{{Name: "created_by", Go: "CreatedBy"}, {Name: "updated_by", Go: "UpdatedBy"}}
	for _, f := range n.Made {
		f.Type, f.Circle, f.Nullable, f.Filter, f.maker = reflect.TypeFor[By](), OfHead, true, true, true
		n.byName[f.Name] = f
	}
}

// byMaker is the access path that every noun has besides its own: what somebody
// entered, newest first. Its index costs a new record and no change of one. Who changed
// a record last has none, because every change would move the record in it.
const byMaker = "created_by -> -created_at"

// Made reports whether the field says who made a record or changed it last.
func (f *Field) Made() bool { return f.maker }

// maker reads who made a change: a person named as ids of people are, or a service key by its id.
func (a *Asking) maker(s string) (any, string) {
	v, problem := a.id(ByName("user"), s)
	if problem != "" {
		problem = "takes the id or the ref of a person, me, or the id of a service key."
	}
	return v, problem
}
