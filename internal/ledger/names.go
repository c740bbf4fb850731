package ledger

import (
	"context"
	"sync"
	"time"

	"rapport/internal/register"
	"rapport/internal/store"
)

// nameCache keeps how people and keys are named: every record mentions some, and
// they are the same few. A name is at most a second old, and a change in this
// process drops them all.
type nameCache struct {
	mu   sync.Mutex
	held map[string]heldName
}

type heldName struct {
	label register.Label
	known bool
	until time.Time
}

// remembersNames are the nouns whose names are kept; everybody may see them.
var remembersNames = []string{"user", "api_key"}

// take moves the names that are kept out of wanted and into labels.
func (c *nameCache) take(wanted map[string]map[string]bool, labels register.Labels) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for _, noun := range remembersNames {
		for id := range wanted[noun] {
			held, there := c.held[id]
			if !there || now.After(held.until) {
				continue
			}
			delete(wanted[noun], id)
			if held.known {
				put(labels, noun, id, held.label)
			}
		}
		if len(wanted[noun]) == 0 {
			delete(wanted, noun)
		}
	}
}

// keep keeps what was read of the nouns whose names are kept.
func (c *nameCache) keep(wanted map[string]map[string]bool, read register.Labels) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil || len(c.held) > mostHeld {
		c.held = map[string]heldName{}
	}
	until := time.Now().Add(stale)
	for _, noun := range remembersNames {
		for id := range wanted[noun] {
			label, known := read[noun][id]
			c.held[id] = heldName{label, known, until}
		}
	}
}

func (c *nameCache) drop() {
	c.mu.Lock()
	c.held = nil
	c.mu.Unlock()
}

func put(labels register.Labels, noun, id string, label register.Label) {
	if labels[noun] == nil {
		labels[noun] = map[string]register.Label{}
	}
	labels[noun][id] = label
}

// labels reads how the wanted records are named, as far as sight shows them.
func (l *Ledger) labels(ctx context.Context, tx *store.Tx, wanted map[string]map[string]bool, sight *store.Sight) (register.Labels, error) {
	labels := register.Labels{}
	l.names.take(wanted, labels)
	if len(wanted) == 0 {
		return labels, nil
	}
	read, err := tx.Labels(ctx, wanted, sight)
	if err != nil {
		return nil, err
	}
	l.names.keep(wanted, read)
	for noun, byID := range read {
		for id, label := range byID {
			put(labels, noun, id, label)
		}
	}
	return labels, nil
}
