package main

import (
	"context"
	"fmt"
	"time"

	"rapport/internal/ledger"
	"rapport/internal/register"
)

// linger enters n issues of ten days ago that nobody looked at: the time limit of each
// is over, and the register acts on all of them once it is served.
func linger(ctx context.Context, l *ledger.Ledger, owner string, n int) error {
	began := time.Now()
	for done := 0; done < n; {
		size := min(1000, n-done)
		err := l.Together(ctx, func(ctx context.Context) error {
			for i := range size {
				_, err := l.Create(ctx, register.Issues, nil, ledger.Asked{Prime: func(rec register.Record) {
					issue := rec.(*register.Issue)
					issue.Title, issue.Description = fmt.Sprintf("Issue %06d", done+i), "Nobody looked at it."
					issue.OwnerID, issue.Category, issue.Severity = owner, "other", "medium"
					issue.RaisedAt = register.At(began.AddDate(0, 0, -10))
				}})
				if err != nil {
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
	fmt.Printf("%d late issues in %v\n", n, time.Since(began).Round(time.Millisecond))
	return nil
}
