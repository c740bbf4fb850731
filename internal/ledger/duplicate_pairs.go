package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// DuplicatePair are two records that may be one.
type DuplicatePair struct {
	// Score says how surely the two are one, from 0 to 1.
	Score float64 `json:"score" minimum:"0" maximum:"1" example:"0.97"`
	// MatchedOn are the reasons for it, the weightiest first.
	MatchedOn []string `json:"matched_on" example:"similar_name,domain"`
	// Records are the two, the one that was entered first in front.
	Records []DuplicateRecord `json:"records"`
}

// DuplicateRecord is one record of a pair.
type DuplicateRecord struct {
	// ID is the record's id.
	ID string `json:"id"`
	// Ref is its short name.
	Ref string `json:"ref"`
	// Name is what it is called.
	Name string `json:"name"`
	// URL leads to it.
	URL string `json:"url"`
}

// DuplicateWalk is what a part of the walk for duplicates found.
type DuplicateWalk struct {
	Pairs    []DuplicatePair
	Examined int
	At       DuplicatePlace // where it stopped
	More     bool           // it was not at the end
}

// DuplicatePlace is a place in the walk: the number of the record examined last, and
// the one that was told last with it, "" for all of them.
type DuplicatePlace struct {
	Num  int64
	Told string
}

// String writes the place; "" is the start.
func (p DuplicatePlace) String() string {
	if p.Told == "" {
		return strconv.FormatInt(p.Num, 10)
	}
	return strconv.FormatInt(p.Num, 10) + " " + p.Told
}

// ParseDuplicatePlace reads what String wrote.
func ParseDuplicatePlace(s string) (p DuplicatePlace, ok bool) {
	num, told, _ := strings.Cut(s, " ")
	p.Told = told
	var err error
	p.Num, err = strconv.ParseInt(num, 10, 64)
	return p, err == nil && p.Num > 0
}

// Bounds of a part of the walk: how long it goes on, and how many records it reads
// at once.
const (
	walkTime = 1500 * time.Millisecond
	walkRead = 200
)

// LikelyDuplicates are the records that may be the same as one, with at least a
// score, the surest first.
func (l *Ledger) LikelyDuplicates(ctx context.Context, n *register.Noun, name string, least float64) ([]Candidate, error) {
	shown, err := l.Get(ctx, n, name, nil)
	if err != nil {
		return nil, err
	}
	rec, err := n.Load(shown.Row)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	found, err := l.likely(ctx, l.DB.Look(), store.Kin{Noun: n, Sight: store.SightOf(authority.From(ctx))}, rec, least)
	return found, tooBroad(n, err)
}

// Duplicates goes on with the walk over all records that the reader sees, from the
// one entered last to the first, and tells of each those entered before it that may
// be the same with at least a score. It ends with the page, or after a while: then
// more says that there are records left, even where no pair was found.
func (l *Ledger) Duplicates(ctx context.Context, n *register.Noun, least float64, from DuplicatePlace, limit int) (DuplicateWalk, error) {
	actor := authority.From(ctx)
	if err := mayAsk(actor, n, authority.Read); err != nil {
		return DuplicateWalk{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	soon, done := context.WithTimeout(ctx, walkTime)
	defer done()
	w := walker{Ledger: l, tx: l.DB.Look(), noun: n, sight: store.SightOf(actor), least: least, limit: limit}
	w.Pairs, w.At = []DuplicatePair{}, from
	err := w.walk(ctx, soon)
	return w.DuplicateWalk, tooBroad(n, err)
}

// walker is a walk under way.
type walker struct {
	*Ledger
	DuplicateWalk
	tx    *store.Tx
	noun  *register.Noun
	sight *store.Sight
	least float64
	limit int
}

// walk examines record after record until the page is full, soon is over, or there
// is none left.
func (w *walker) walk(ctx, soon context.Context) error {
	for {
		rows, more, err := w.next(ctx)
		if err != nil {
			return err
		}
		for i, row := range rows {
			if err := w.examine(ctx, row); err != nil {
				return err
			}
			if w.More = more || i < len(rows)-1 || w.At.Told != ""; len(w.Pairs) == w.limit || over(soon) {
				return nil
			}
		}
		if !more {
			return nil
		}
	}
}

func over(ctx context.Context) bool { return ctx.Err() != nil }

// next reads the records behind the place, with the one at it where not all was told
// of it.
func (w *walker) next(ctx context.Context) (rows []register.Row, more bool, err error) {
	num := w.noun.Field("num")
	q := store.Query{Noun: w.noun, Sort: num, Desc: true, Limit: walkRead, Sight: w.sight}
	switch {
	case w.At.Told != "":
		q.Where = []store.Cond{{Field: num, Op: "lte", Values: []any{w.At.Num}}}
	case w.At.Num > 0:
		q.Where = []store.Cond{{Field: num, Op: "lt", Values: []any{w.At.Num}}}
	}
	return w.tx.List(ctx, q)
}

// examine tells the pairs of one record with those entered before it, as far as the
// page has room.
func (w *walker) examine(ctx context.Context, row register.Row) error {
	rec, err := w.noun.Load(row)
	if err != nil {
		return err
	}
	num := rec.Meta().Num
	found, err := w.likely(ctx, w.tx, store.Kin{Noun: w.noun, Sight: w.sight, Before: num}, rec, w.least)
	if err != nil {
		return err
	}
	if num == w.At.Num {
		found = behind(found, w.At.Told)
	}
	w.Examined++
	w.At = DuplicatePlace{Num: num}
	if room := w.limit - len(w.Pairs); len(found) > room {
		found, w.At.Told = found[:room], found[room-1].ID
	}
	for _, older := range found {
		w.Pairs = append(w.Pairs, DuplicatePair{Score: older.Score, MatchedOn: older.MatchedOn, Records: []DuplicateRecord{recordOf(older), recordOf(w.candidate(w.noun, row))}})
	}
	return nil
}

// behind are the candidates after the one that was told last; all of them, if that
// is none any more.
func behind(found []Candidate, told string) []Candidate {
	for i, c := range found {
		if c.ID == told {
			return found[i+1:]
		}
	}
	return found
}

func recordOf(c Candidate) DuplicateRecord { return DuplicateRecord{c.ID, c.Ref, c.Name, c.URL} }
