package main

import (
	"context"
	"fmt"
	"time"

	"rapport/internal/ledger"
	"rapport/internal/register"
)

// linger enters n records of ten days ago that nobody looked at: the time limit of each
// is over, and the register acts on all of them once it is served.
func linger(ctx context.Context, l *ledger.Ledger, noun *register.Noun, n int, describe func(rec register.Record, i int, since register.Instant)) error {
	began := time.Now()
	for done := 0; done < n; {
		size := min(1000, n-done)
		err := l.Together(ctx, func(ctx context.Context) error {
			for i := range size {
				prime := func(rec register.Record) { describe(rec, done+i, register.At(began.AddDate(0, 0, -10))) }
				if _, err := l.Create(ctx, noun, nil, ledger.Asked{Prime: prime}); err != nil {
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
	if n > 0 {
		fmt.Printf("%d late %s in %v\n", n, noun.Plural, time.Since(began).Round(time.Millisecond))
	}
	return nil
}

func lateIssue(owner string) func(rec register.Record, i int, since register.Instant) {
	return func(rec register.Record, i int, since register.Instant) {
		issue := rec.(*register.Issue)
		issue.Title, issue.Description = fmt.Sprintf("Issue %06d", i), "Nobody looked at it."
		issue.OwnerID, issue.Category, issue.Severity, issue.RaisedAt = owner, "other", "medium", since
	}
}

// lateComplaint is one whose missed limit takes it up.
func lateComplaint(owner string) func(rec register.Record, i int, since register.Instant) {
	return func(rec register.Record, i int, since register.Instant) {
		c := rec.(*register.Complaint)
		c.Title, c.Description = fmt.Sprintf("Complaint %06d", i), "Nobody acknowledged it."
		c.OwnerID, c.Channel, c.Severity, c.Category, c.ReceivedAt = owner, "email", "medium", "environment", since
		c.Complainant = &register.Reporter{Name: "N. N.", Email: fmt.Sprintf("late%d@mail.example", i)}
	}
}
