package ledger

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"sync"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Bounds of following the feed.
const (
	hubBatch      = 500              // entries that are read at once
	hubPause      = time.Second      // between looks when nothing was heard of
	mostWaiting   = 256              // events that a follower may be behind
	mostFollowers = 5000             // of one process
	hubTime       = 10 * time.Second // for one look
)

// Told is an event on its way to a follower.
type Told struct {
	Seq  int64
	Type string
	Body []byte // the event as JSON, shared among followers: not to be written into
}

// Follower is somebody to whom events are told as they are sealed.
type Follower struct {
	Events <-chan Told
	Gone   <-chan struct{} // closed when nothing more will come; Why says why

	hub   *hub
	out   chan Told
	gone  chan struct{}
	why   error
	actor authority.Actor
	until register.Instant // when the actor's key or token ends
	sight *store.Sight
	kinds []string
	types []string
	match map[string]bool // types that were looked at before
}

// hub reads what is sealed once, however many follow it, and tells each what they
// may see. It reads while somebody follows.
type hub struct {
	mu        sync.Mutex
	ledger    *Ledger
	followers map[*Follower]bool
	at        int64 // all up to this number was told
	stop      context.CancelFunc
}

// Follow tells the actor of ctx of events from now on; at is the number after
// which they begin.
func (l *Ledger) Follow(ctx context.Context, types []string) (f *Follower, at int64, err error) {
	actor, until, err := l.Recheck(ctx, authority.From(ctx))
	if err != nil {
		return nil, 0, err
	}
	if err := mayFollow(actor); err != nil {
		return nil, 0, err
	}
	out, gone := make(chan Told, mostWaiting), make(chan struct{})
	f = &Follower{Events: out, Gone: gone, hub: &l.hub, out: out, gone: gone, types: types, match: map[string]bool{}}
	f.become(actor, until)
	at, err = l.hub.join(ctx, l, f)
	return f, at, err
}

func (f *Follower) become(a authority.Actor, until register.Instant) {
	f.actor, f.until, f.sight, f.kinds = a, until, store.SightOf(a), kindsFor(a, f.types)
}

// join lets somebody in; the first one starts the reading.
func (h *hub) join(ctx context.Context, l *Ledger, f *Follower) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.followers) >= mostFollowers {
		return 0, fault.New(fault.Busy, "Too many follow the feed at once.")
	}
	if len(h.followers) > 0 {
		h.followers[f] = true
		return h.at, nil
	}
	at, _, err := l.DB.Look().Head(ctx)
	if err != nil {
		return 0, err
	}
	reading, stop := context.WithCancel(context.Background())
	h.ledger, h.at, h.stop, h.followers = l, at, stop, map[*Follower]bool{f: true}
	go h.read(reading)
	return at, nil
}

// Leave ends following; it may be called more than once.
func (f *Follower) Leave() {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	f.hub.drop(f, nil)
}

// drop ends one follower; the hub is locked. The last one ends the reading.
func (h *hub) drop(f *Follower, why error) {
	if !h.followers[f] {
		return
	}
	f.why = why
	close(f.gone)
	delete(h.followers, f)
	if len(h.followers) == 0 {
		h.stop()
	}
}

// Why says why nothing more will come; nil for who left.
func (f *Follower) Why() error {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	return f.why
}

// Position is the number up to which the follower was told all; false while
// something is still on its way.
func (f *Follower) Position() (int64, bool) {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	return f.hub.at, len(f.out) == 0
}

// Ended reports whether the follower's key or token has ended by the clock.
func (f *Follower) Ended() bool {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	return f.until != "" && f.until <= f.hub.ledger.at()
}

// Followers is how many follow the feed.
func (l *Ledger) Followers() int {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	return len(l.hub.followers)
}

// read reads until the last follower has left.
func (h *hub) read(ctx context.Context) {
	pause := time.NewTimer(hubPause)
	defer pause.Stop()
	for {
		sealed := h.ledger.DB.Sealings()
		more, err := h.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			h.ledger.Log.Warn("reading the feed failed; it will be tried again", "err", err)
			sealed = nil
		}
		if more {
			continue
		}
		pause.Reset(hubPause)
		select {
		case <-ctx.Done():
			return
		case <-sealed:
		case <-pause.C:
		}
	}
}

// batch are entries that were read, with all that is needed to show them.
type batch struct {
	entries         []store.Entry
	guards          map[string]*store.Guard
	veils           map[string]*store.Veil
	subjects, names register.Labels
	public          register.Labels // what everybody sees; nil where nobody sees that alone
	declared        *register.Declared
	bodies          map[eyes][]byte
}

// eyes are what followers see by: those with the same are told the same.
type eyes struct {
	level     authority.Level
	clearance authority.Sensitivity
}

func (h *hub) look(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, hubTime)
	defer cancel()
	h.mu.Lock()
	after, public := h.at, false
	for f := range h.followers {
		public = public || f.sight != nil && f.sight.Clearance < authority.Internal
	}
	h.mu.Unlock()
	tx := h.ledger.DB.Look()
	b := batch{}
	if b.entries, err = tx.Sealed(ctx, after, math.MaxInt64, nil, nil, hubBatch); err != nil || len(b.entries) == 0 {
		return false, err
	}
	if b.guards, err = tx.Guards(ctx, b.entries); err != nil {
		return false, err
	}
	if b.veils, err = tx.Veils(ctx, b.entries); err != nil {
		return false, err
	}
	if b.declared, err = h.ledger.declared(ctx); err != nil {
		return false, err
	}
	reader := authority.With(ctx, authority.Register())
	if b.names, err = h.ledger.actors(reader, tx, b.entries); err != nil {
		return false, err
	}
	if b.subjects, err = h.ledger.labels(ctx, tx, subjectsOf(b.entries), nil); err != nil {
		return false, err
	}
	if public {
		if b.public, err = h.ledger.labels(ctx, tx, subjectsOf(b.entries), &store.Sight{}); err != nil {
			return false, err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.renew(ctx, b.entries)
	for i := range b.entries {
		h.tell(&b, &b.entries[i])
	}
	h.at = *b.entries[len(b.entries)-1].Seq
	return len(b.entries) == hubBatch, nil
}

// renew looks again at those whose key or person the entries tell of, before they
// are told anything more.
func (h *hub) renew(ctx context.Context, entries []store.Entry) {
	changed := map[string]bool{}
	for i := range entries {
		if e := &entries[i]; e.Kind == register.APIKeys.Name || e.Kind == register.Identities.Name || e.Kind == register.Users.Name {
			changed[e.RecordID] = true
		}
	}
	if len(changed) == 0 {
		return
	}
	for f := range h.followers {
		if !changed[f.actor.Principal()] && !changed[f.actor.ID] {
			continue
		}
		actor, until, err := h.ledger.Recheck(ctx, f.actor)
		if err == nil {
			err = mayFollow(actor)
		}
		if err != nil {
			h.drop(f, err)
			continue
		}
		f.become(actor, until)
	}
}

// tell hands an entry to all who may see it and want it. Who is too far behind is
// dropped: they come back and read on from where they were.
func (h *hub) tell(b *batch, e *store.Entry) {
	typ := eventType(e)
	clear(b.bodies)
	for f := range h.followers {
		if !f.wants(typ) || !slices.Contains(f.kinds, e.Kind) || !b.shows(f, e) {
			continue
		}
		body, err := b.body(h.ledger, eyes{seenAs(f.actor), f.actor.Clearance()}, e)
		if err != nil {
			h.drop(f, err)
			continue
		}
		select {
		case f.out <- Told{*e.Seq, typ, body}:
		default:
			h.drop(f, fault.New(fault.Busy, "The reader is too slow."))
		}
	}
}

func (f *Follower) wants(typ string) bool {
	if len(f.types) == 0 {
		return true
	}
	wanted, known := f.match[typ]
	if !known {
		wanted = anyMatch(f.types, typ)
		f.match[typ] = wanted
	}
	return wanted
}

// shows reports whether a follower sees an entry's record, and what it tells of.
func (b *batch) shows(f *Follower, e *store.Entry) bool {
	if !f.sight.Unveils(b.veils[e.ID], b.guards[e.RecordID]) {
		return false
	}
	if f.sight != nil && f.sight.Clearance < authority.Internal {
		_, seen := b.public[e.Kind][e.RecordID]
		return seen
	}
	return f.sight.Shows(b.guards[e.RecordID])
}

// body is an entry as those with the same eyes see it, made once for all of them.
func (b *batch) body(l *Ledger, by eyes, e *store.Entry) ([]byte, error) {
	if made := b.bodies[by]; made != nil {
		return made, nil
	}
	body, err := json.Marshal(l.event(reader{by.level, b.declared.For(by.clearance)}, e, b.subjects, b.names))
	if b.bodies == nil {
		b.bodies = map[eyes][]byte{}
	}
	b.bodies[by] = body
	return body, err
}

func subjectsOf(entries []store.Entry) map[string]map[string]bool {
	wanted := map[string]map[string]bool{}
	for i := range entries {
		e := &entries[i]
		if wanted[e.Kind] == nil {
			wanted[e.Kind] = map[string]bool{}
		}
		wanted[e.Kind][e.RecordID] = true
	}
	return wanted
}

// Tell is an event as followers are told it.
func Tell(e *Event) (Told, error) {
	body, err := json.Marshal(e)
	return Told{e.Seq, e.Type, body}, err
}
