package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"rapport/internal/flow"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// SecondKey is the key of one of those who handle complaints: nobody approves alone.
const SecondKey = "rapport_bench_l5"

// complain enters n complaints of two years, most of them closed, whose handling is
// shared by fifty people.
func complain(ctx context.Context, l *ledger.Ledger, n int) error {
	began, dice := time.Now(), rand.New(rand.NewPCG(3, 4))
	var owners []string
	for i := range 50 {
		id, err := enterPerson(ctx, l, fmt.Sprintf("handler%d", i), 5)
		if err != nil {
			return err
		}
		owners = append(owners, id)
		if i > 0 {
			continue
		}
		if err := enterKey(ctx, l, id, SecondKey); err != nil {
			return err
		}
	}
	for done := 0; done < n; {
		size := min(1000, n-done)
		err := l.Together(ctx, func(ctx context.Context) error {
			for range size {
				prime := func(rec register.Record) { grieve(rec.(*register.Complaint), owners[dice.IntN(len(owners))], dice) }
				if _, err := l.Create(ctx, register.Complaints, nil, ledger.Asked{Prime: prime}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		done += size
	}
	fmt.Printf("%d complaints in %v\n", n, time.Since(began).Round(time.Millisecond))
	return nil
}

var (
	endings    = []flow.State{"closed_accepted", "closed_accepted", "closed_accepted", "closed_rejected", "withdrawn", "closed_unfounded"}
	severities = []string{"low", "medium", "medium", "high"}
	categories = []string{"environment", "communication", "billing", "safety", "conduct"}
)

func grieve(c *register.Complaint, owner string, dice *rand.Rand) {
	age := time.Duration(dice.IntN(700*24)) * time.Hour
	received := time.Now().Add(-age)
	c.Title, c.Description = word(dice, 2)+" "+word(dice, 3), word(dice, 3)+" "+word(dice, 4)
	c.OwnerID, c.Channel, c.Severity = owner, "email", severities[dice.IntN(len(severities))]
	c.Category, c.Subject = categories[dice.IntN(len(categories))], word(dice, 2)
	c.Complainant = &register.Reporter{Name: word(dice, 3), Email: fmt.Sprintf("%s@mail.example", word(dice, 5))}
	c.ReceivedAt = register.At(received)
	if age < 20*24*time.Hour {
		return
	}
	c.State = endings[dice.IntN(len(endings))]
	c.AcknowledgedAt = register.At(received.Add(20 * time.Hour))
	c.ClosedAt = register.At(received.Add(15 * 24 * time.Hour))
}
