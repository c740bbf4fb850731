package store_test

import (
	"context"
	"errors"
	"testing"

	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// called gives a group another name.
func called(ctx context.Context, tx *store.Tx, id, name string) error {
	n := register.Groups
	before, err := tx.Get(ctx, n, store.Name{ID: id}, nil)
	if err != nil {
		return err
	}
	rec, err := n.Load(before)
	if err != nil {
		return err
	}
	g := rec.(*register.Group)
	g.Name = name
	g.Version++
	row, err := n.Row(g)
	if err != nil {
		return err
	}
	_, err = tx.Put(ctx, n, g, before, row, nil, &store.Entry{ID: register.NewID(g.UpdatedAt.Time()), Action: "updated", ActorType: "system", At: g.UpdatedAt, Changes: "{}"})
	return err
}

// A row that cannot be written, because another has its name, spoils a change whose parts
// cannot be undone alone, whenever it is found; by Try its own part fails, and those
// before and behind it stand.
func TestAGatheredRowThatCannotBeWritten(t *testing.T) {
	for _, names := range [][]string{{"Taken", "Anglers"}, {"Anglers", "Taken"}} {
		h := testkit.Open(t)
		enter := func(name string) string {
			return h.As("l4").Post("/groups", map[string]any{"name": name}).Want(201).Text("id")
		}
		enter("Taken")
		ids := []string{enter("First"), enter("Second")}
		rename := func(wary bool) (failures []error, err error) {
			err = h.DB.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
				tx.Gather()
				within := tx.Dare
				if wary {
					within = tx.Try
				}
				failures = nil
				for i, id := range ids {
					failed, lost := within(ctx, func(ctx context.Context) error { return called(ctx, tx, id, names[i]) })
					if lost != nil {
						return lost
					}
					failures = append(failures, failed)
				}
				return nil
			})
			return failures, err
		}
		if _, err := rename(false); !errors.Is(err, store.ErrSpoilt) {
			t.Errorf("%q ended with %v", names, err)
		}
		failures, err := rename(true)
		if err != nil {
			t.Fatalf("%q, each undone alone, ended with %v", names, err)
		}
		for i, name := range names {
			var taken *store.UniqueError
			if failed := errors.As(failures[i], &taken); failed != (name == "Taken") {
				t.Errorf("%q: part %d ended with %v", names, i, failures[i])
			}
			want := map[bool]string{true: []string{"First", "Second"}[i], false: name}[name == "Taken"]
			if got := h.As("l4").Get("/groups/" + ids[i]).Want(200).Text("name"); got != want {
				t.Errorf("%q: group %d is called %s", names, i, got)
			}
		}
	}
}
