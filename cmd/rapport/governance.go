package main

import (
	"context"

	"rapport/internal/ledger"
	"rapport/internal/store"
)

// examineGovernance tells the red flags about how the register is led. They are
// for the organisation to mend and not for the machine: they leave the exit
// status alone.
func (c *config) examineGovernance(ctx context.Context, e *examination, db *store.DB) {
	g, err := ledger.New(db, clock, c.PublicURL+apiBase).Governance(asRegister(ctx))
	if err != nil || g.OK {
		e.line("governance", err, "no red flags")
		return
	}
	for _, f := range g.RedFlags {
		e.printf("flag   %-14s %s %s", "governance", f.Detail, f.Remedy)
	}
}
