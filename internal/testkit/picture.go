package testkit

import (
	"context"
	"maps"
	"strings"

	"rapport/internal/register"
	"rapport/internal/store"
)

func (h *House) picture() store.Picture {
	h.T.Helper()
	p, err := h.DB.Look().Picture(context.Background())
	if err != nil {
		h.T.Fatalf("take a picture of the database: %v", err)
	}
	return p
}

// compare holds the database against what it was before a request: a refused one
// changed nothing; an accepted one left each record that it changed with one
// version and one entry more, lost none, and touched nothing of any other.
func (h *House) compare(r *Reply, before, after store.Picture) {
	h.T.Helper()
	if r.Status >= 400 {
		for table := range after.Tables {
			if before.Tables[table] != after.Tables[table] {
				h.T.Errorf("%s was refused with %d and changed %s", r.asked, r.Status, table)
			}
		}
		return
	}
	changed := map[string]bool{}
	for key, now := range after.Records {
		was, told := before.Records[key], after.Told[key]-before.Told[key]
		changed[key] = now.Version != was.Version
		switch {
		case now.Version-was.Version != told:
			h.T.Errorf("%s: %s went from version %d to %d with %d entries", r.asked, key, was.Version, now.Version, told)
		case was.Version == now.Version && was.Digest != now.Digest:
			h.T.Errorf("%s: %s changed without a version", r.asked, key)
		}
	}
	for key := range before.Records {
		if _, there := after.Records[key]; !there {
			h.T.Errorf("%s: %s is lost", r.asked, key)
		}
	}
	h.compareAside(r, before, after, changed)
}

// compareAside holds what stands beside records against those that changed.
func (h *House) compareAside(r *Reply, before, after store.Picture, changed map[string]bool) {
	h.T.Helper()
	sides := maps.Clone(before.Aside)
	maps.Copy(sides, after.Aside)
	for key := range sides {
		if before.Aside[key] != after.Aside[key] && !changed[key] {
			h.T.Errorf("%s: links or external ids of %s changed, which did not", r.asked, key)
		}
	}
	if after.All == before.All {
		for _, table := range []string{"entries", "guarded", "named"} {
			if before.Tables[table] != after.Tables[table] {
				h.T.Errorf("%s changed %s and told nothing", r.asked, table)
			}
		}
	}
	if before.Tables["idempotency"] != after.Tables["idempotency"] && !strings.HasPrefix(r.asked, "POST") && !strings.HasPrefix(r.asked, "PATCH") {
		h.T.Errorf("%s kept an idempotency key", r.asked)
	}
}

// Entries is the number of entries there are, of every sort.
func (h *House) Entries() int64 { return h.picture().All }

// SamePicture reports whether nothing at all changed since an earlier picture.
func (h *House) SamePicture(before store.Picture) bool {
	return maps.Equal(before.Tables, h.picture().Tables)
}

// Picture is a digest of all that the database holds.
func (h *House) Picture() store.Picture { return h.picture() }

// Told is how many entries tell of a record by an action.
func (h *House) Told(n *register.Noun, id, action string) int {
	h.T.Helper()
	entries, err := h.DB.Look().Entries(context.Background(), store.EntryQuery{Kind: n.Name, RecordID: id, Actions: []string{action}, Limit: 100})
	if err != nil {
		h.T.Fatal(err)
	}
	return len(entries)
}
