package testkit

import (
	"context"
)

// picture is what a database holds, as far as requests may change it.
type picture struct {
	hash     string // of all tables
	versions int64  // the sum of the versions of all records
	entries  int64  // the entries that tell of a version
}

func (h *House) picture() picture {
	h.T.Helper()
	p, err := h.DB.Look().Picture(context.Background())
	if err != nil {
		h.T.Fatalf("take a picture of the database: %v", err)
	}
	return picture{p.Hash + p.Work, p.Versions, p.Entries}
}

// compare holds the database against what it was before a request.
func (h *House) compare(r *Reply, before, after picture) {
	h.T.Helper()
	if r.Status >= 400 && before.hash != after.hash {
		h.T.Errorf("%s was refused with %d and changed the database", r.asked, r.Status)
	}
	if changed, told := after.versions-before.versions, after.entries-before.entries; changed != told {
		h.T.Errorf("%s changed %d records and made %d entries", r.asked, changed, told)
	}
}

// Entries is the number of entries there are, of every sort.
func (h *House) Entries() int64 {
	p, err := h.DB.Look().Picture(context.Background())
	if err != nil {
		h.T.Fatal(err)
	}
	return p.All
}

// Picture is a digest of all that the database holds.
func (h *House) Picture() string { return h.picture().hash }
