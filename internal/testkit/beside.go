package testkit

import (
	"context"

	"rapport/api"
	"rapport/internal/ledger"
	"rapport/internal/store"
)

// Config is how the house's register was opened, to open it once more.
func (h *House) Config() store.Config { return h.config }

// Beside opens the register once more, as a command beside the server does, or
// another server on PostgreSQL. It is closed at the test's end.
func (h *House) Beside() *ledger.Ledger {
	h.T.Helper()
	config := h.config
	config.Beside = true
	db, err := store.Open(context.Background(), config)
	if err != nil {
		h.T.Fatalf("open the register beside: %v", err)
	}
	h.T.Cleanup(func() {
		if err := db.Close(); err != nil {
			h.T.Errorf("close the register beside: %v", err)
		}
	})
	return ledger.New(db, h.Clock.Now, api.Base)
}
