package bench

import (
	"context"
	"testing"

	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// BenchmarkClaimed asks what every new stakeholder is asked: whether somebody has its
// address, and whether somebody bears its name.
func BenchmarkClaimed(b *testing.B) {
	h := testkit.Open(b)
	k := store.Kin{Noun: register.Stakeholders, Sight: &store.Sight{Clearance: 1, Cap: 3, Person: "x"}, Limit: 6}
	name := register.Likeness{On: "name", Field: "name", Value: "Harbour Board"}
	mail := register.Likeness{On: "email", Field: "channels", Value: "board@harbour.example"}
	for what, values := range map[string][]register.Likeness{"name": {name}, "name and address": {mail, name}} {
		b.Run(what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, found, err := h.DB.Look().Claimed(context.Background(), k, store.Claims{Values: values}); err != nil || len(found) > 0 {
					b.Fatal(found, err)
				}
			}
		})
	}
}
