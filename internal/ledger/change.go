package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Asked is what comes with a change beside its body.
type Asked struct {
	Match           *Match // If-Match; nil = not sent
	IdempotencyKey  string // hashed with the key, the method and the path; "" = not sent
	Fingerprint     string
	ValidateOnly    bool
	CreateOnly      bool // If-None-Match: *, of an upsert
	AllowDuplicate  bool
	DuplicateReason string
	RequestID       string
	Source          string       // where an adopted record comes from
	Pointer         string       // what pointers in faults begin with; "" = "#"
	Wrong           fault.Fields // of a new record, what was found wrong before

	// Prime completes a new record before a body is written over it. May be nil.
	Prime func(register.Record)
}

// Match is what If-Match asks for: any version, or one of these.
type Match struct {
	Any      bool
	Versions []int
	Weak     bool // a weak tag was sent, which matches nothing
}

func (m *Match) holds(version int) bool {
	if m.Any {
		return true
	}
	for _, v := range m.Versions {
		if v == version {
			return true
		}
	}
	return false
}

// Answer is a record as a change left it, ready to be sent.
type Answer struct {
	Noun     *register.Noun
	ID       string
	Version  int
	Body     []byte
	Created  bool
	Replayed bool        // the change was made before, under the same idempotency key
	Token    string      // by which the complainant follows a new complaint, told this once; "" = there is none
	Likely   []Candidate // of a new record that was only tried: those that may be the same
}

// change is a record on its way from one version to the next.
type change struct {
	*Ledger
	tx      *store.Tx
	noun    *register.Noun
	actor   authority.Actor
	asked   Asked
	rec     register.Record
	before  register.Row // nil for a new record
	row     register.Row
	at      register.Instant
	reason  string
	action  string
	step    string // the transition, if it is one
	cause   string // the entry whose consequence this is
	entry   string
	depth   int
	lifted  bool             // it follows the sensitivity of another, with others of its noun
	touched map[string]bool  // the records that consequences changed
	born    bool             // a new record that others may refer to by now
	asking  bool             // nobody acts: a guard's own fault is told as a blocker
	asker   *authority.Actor // who asks how another would be judged; nil = the actor
	memo    *memo            // of a chunk; nil = nothing is known beforehand
	page    *page            // of a list that is explained; nil = a record by itself
	said    *said            // what is answered in place of the record; nil = the record
	token   string           // made for the complainant of a new complaint
	rings   ringing          // the clock that brought the change about
	ordered bool             // a job computes anew what is derived of others on its account

	customs *register.Customs // those that the body was held against; nil = none was written
}

// eyes are those that what is told is for: the actor's, but where another is judged.
func (c *change) eyes() authority.Actor {
	if c.asker != nil {
		return *c.asker
	}
	return c.actor
}

// errDry ends a change that was only to be tried.
var errDry = errors.New("validated only")

// perform opens the transaction that every change happens in: the idempotency
// key first, then the change, then what is answered.
func (l *Ledger) perform(ctx context.Context, asked Asked, work func(ctx context.Context, c *change) error) (Answer, error) {
	var answer Answer
	err := l.write(ctx, asked.ValidateOnly, func(ctx context.Context, tx *store.Tx) error {
		answer = Answer{}
		c := &change{Ledger: l, tx: tx, actor: authority.From(ctx), asked: asked, at: l.at()}
		if asked.IdempotencyKey != "" && !asked.ValidateOnly {
			replay, err := c.claim(ctx, &answer)
			if err != nil || replay {
				return err
			}
		}
		if err := work(ctx, c); err != nil {
			return c.saysWho(ctx, err)
		}
		if err := c.answer(ctx, &answer); err != nil {
			return err
		}
		if asked.ValidateOnly {
			return errDry
		}
		if asked.IdempotencyKey != "" {
			return c.keep(ctx, answer)
		}
		return nil
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return answer, err
}

// answer shows the record as the caller may see it.
func (c *change) answer(ctx context.Context, a *Answer) error {
	if c.said != nil {
		*a = Answer{Noun: c.noun, ID: c.rec.Meta().ID, Version: c.said.version, Body: c.said.body, Created: c.said.made}
		return nil
	}
	body, err := c.render(ctx, c.tx, c.noun, c.row, nil)
	m := c.rec.Meta()
	*a = Answer{Noun: c.noun, ID: m.ID, Version: m.Version, Body: body, Created: c.before == nil, Token: c.token}
	return err
}

// render shows a row to the actor of ctx.
func (l *Ledger) render(ctx context.Context, tx *store.Tx, n *register.Noun, row register.Row, only register.Only) ([]byte, error) {
	wanted := map[string]map[string]bool{}
	n.Mentions(row, wanted, only)
	view, err := l.view(ctx, tx, wanted, only)
	if err != nil {
		return nil, err
	}
	return n.Encode(make([]byte, 0, 2048), row, view), nil
}

func (l *Ledger) view(ctx context.Context, tx *store.Tx, wanted map[string]map[string]bool, only register.Only) (register.Showing, error) {
	sees, err := l.reader(ctx)
	if err != nil {
		return register.Showing{}, err
	}
	labels, err := l.labels(ctx, tx, wanted, store.SightOf(authority.From(ctx)))
	return register.Showing{Base: l.Base, Labels: labels, Only: only, Level: sees.level, Now: l.at(), Customs: sees.customs}, err
}

// seenAs is the level by which fields are shown: those who govern see what they
// look after.
func seenAs(a authority.Actor) authority.Level {
	if a.Governs() {
		return authority.L7
	}
	return a.Level
}

// get brings the record as it stands, if the actor may see it.
func (c *change) get(ctx context.Context, n *register.Noun, name string) error {
	c.noun = n
	row, err := c.find(ctx, c.tx, n, name)
	if err != nil {
		return err
	}
	c.before = row
	c.rec, err = n.Load(row)
	return err
}

// find reads a row by the name in a path, as far as the actor may see it.
func (l *Ledger) find(ctx context.Context, tx *store.Tx, n *register.Noun, name string) (register.Row, error) {
	parsed, err := store.ParseName(n, name)
	if err != nil {
		return nil, found(err)
	}
	row, err := tx.Get(ctx, n, parsed, store.SightOf(authority.From(ctx)))
	return row, found(err)
}

// fresh begins a new record.
func (c *change) fresh(n *register.Noun) {
	c.noun, c.rec, c.before = n, n.New(), nil
	n.Defaults(c.rec)
	m := c.rec.Meta()
	m.ID, m.State, m.CreatedAt = register.NewID(c.at.Time()), n.Flow.Start, c.at
	m.CreatedBy = register.By{Type: c.actor.Type, ID: c.actor.ID}
	if c.asked.Prime != nil {
		c.asked.Prime(c.rec)
	}
}

// standing refuses a record that was removed.
func (c *change) standing(ctx context.Context) error {
	m := c.rec.Meta()
	if m.DeletedAt == "" {
		return nil
	}
	return c.gone(ctx, c.tx, c.noun, m)
}

func (l *Ledger) gone(ctx context.Context, tx *store.Tx, n *register.Noun, m *register.Head) error {
	by, err := l.by(ctx, tx, m.UpdatedBy)
	if err != nil {
		return err
	}
	return fault.New(fault.Gone, "%s was removed; it can be restored.", n.Ref([]byte(strconv.FormatInt(m.Num, 10)))).
		With("deleted_at", m.DeletedAt).With("deleted_by", by).With("restore_url", n.URL(l.Base, m.ID)+"/restore")
}

// by is who made a change, named as far as the reader sees the name.
func (l *Ledger) by(ctx context.Context, tx *store.Tx, b register.By) (Actor, error) {
	e := store.Entry{ActorType: string(b.Type), ActorID: b.ID}
	names, err := l.actors(ctx, tx, []store.Entry{e})
	return actorOf(&e, names), err
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// matched holds the version against what the caller saw.
func (c *change) matched(ctx context.Context) error {
	m := c.rec.Meta()
	etag := strconv.Quote(strconv.Itoa(m.Version))
	switch {
	case c.asked.Match == nil && c.RequireIfMatch:
		return fault.New(fault.PreconditionRequired, "Send If-Match: %s with this change, or if_match with an operation of a batch.", etag).With("current_etag", etag)
	case c.asked.Match == nil || c.asked.Match.holds(m.Version):
		return nil
	}
	changed, err := c.since(ctx, m)
	if err != nil {
		return err
	}
	by, err := c.by(ctx, c.tx, m.UpdatedBy)
	if err != nil {
		return err
	}
	detail := "The record is at version " + strconv.Itoa(m.Version) + ", not the one you saw."
	if c.asked.Match.Weak && len(c.asked.Match.Versions) == 0 {
		detail = "A weak tag, as answers with fields or include have, matches nothing: the tag of this version is " + etag + "."
	}
	return fault.New(fault.PreconditionFailed, "%s", detail).
		With("current_version", m.Version).With("current_etag", etag).With("changed_fields", changed).
		With("changed_by", by).With("changed_at", m.UpdatedAt)
}

// since lists the fields that changed after the versions that the caller saw, by name.
func (c *change) since(ctx context.Context, m *register.Head) ([]string, error) {
	if len(c.asked.Match.Versions) == 0 {
		return []string{}, nil // no version is known that they saw
	}
	newest := slices.Max(c.asked.Match.Versions)
	entries, err := c.tx.Entries(ctx, store.EntryQuery{Kind: c.noun.Name, RecordID: m.ID, Limit: 50})
	if err != nil {
		return nil, err
	}
	sees, err := c.reader(ctx)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, e := range entries {
		if e.Version == nil || *e.Version <= newest {
			continue
		}
		for name := range seen(sees, c.noun, deltas(&e)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// deltas are the changes that an entry tells of, of both halves.
func deltas(e *store.Entry) map[string]store.Delta {
	out := map[string]store.Delta{}
	_ = json.Unmarshal([]byte(e.Changes), &out) // our own JSON
	if e.Personal != nil {
		var half personal
		_ = json.Unmarshal([]byte(*e.Personal), &half)
		for name, d := range half.Changes {
			out[name] = d
		}
	}
	return out
}

// local is the change's own instant in the organisation's zone: what a field takes
// for "now" is no later than what the change itself does.
func (c *change) local(ctx context.Context) time.Time {
	return c.at.Time().In(c.Ledger.local(ctx).Location())
}

// state is the record's state before the change.
func (c *change) state() flow.State { return c.rec.Meta().State }
