package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Event is one sealed entry as feeds show it.
type Event struct {
	ID         string    `json:"id"`
	Seq        int64     `json:"seq"`
	Type       string    `json:"type"`
	Timestamp  string    `json:"timestamp"`
	APIVersion string    `json:"api_version"`
	Subject    Subject   `json:"subject"`
	Actor      Actor     `json:"actor"`
	Origin     Origin    `json:"origin"`
	Data       EventData `json:"data"`
}

// Subject is the record that an event is about.
type Subject struct {
	Type    string `json:"type"`
	ID      string `json:"id"`
	Ref     string `json:"ref"`
	Version *int   `json:"version"`
	URL     string `json:"url"`
}

// Origin says where a change came from.
type Origin struct {
	ConnectionID *string `json:"connection_id"`
	RequestID    *string `json:"request_id"`
}

// EventData is what changed.
type EventData struct {
	Changes    map[string]store.Delta `json:"changes"`
	Transition *string                `json:"transition"`
	Object     *struct{}              `json:"object"`
}

// Feed is a stretch of events.
type Feed struct {
	Events    []Event
	NextAfter int64
	More      bool
	Latest    int64
}

// Latest asks for events from now on.
const Latest = -1

// Events reads the events after a number that the caller may see. types are
// patterns such as complaint.*; none means all.
func (l *Ledger) Events(ctx context.Context, after int64, types []string, limit int) (Feed, error) {
	actor := authority.From(ctx)
	if err := mayFollow(actor); err != nil {
		return Feed{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	latest, _, err := tx.Head(ctx)
	if err != nil {
		return Feed{}, err
	}
	if after > latest && after != Latest {
		detail := fmt.Sprintf("The feed ends at %d. This number is of another register, or of this one before it was restored: begin again, with after=latest or from the start.", latest)
		return Feed{}, &fault.Error{Code: fault.InvalidParameter, Detail: detail, Fields: []fault.Field{{Parameter: "after", Code: "out_of_range", Detail: detail}}}
	}
	if after == Latest {
		return Feed{Events: []Event{}, NextAfter: latest, Latest: latest}, nil
	}
	entries, through, err := l.stretches(ctx, tx, after, latest, kindsFor(actor, types), limit+1)
	if err != nil {
		return Feed{}, err
	}
	feed := Feed{Events: []Event{}, NextAfter: through, Latest: latest, More: through < latest}
	if len(entries) > limit {
		entries, feed.More = entries[:limit], true
		feed.NextAfter = *entries[limit-1].Seq
	}
	feed.Events, err = l.events(ctx, tx, entries, types)
	return feed, err
}

// mostStretches is how many stretches of the chain one page of the feed looks through.
const mostStretches = 10

// stretches reads up to limit entries of some kinds after a number, and tells up to
// which number it looked: where few of them stand among many others, the rest of the
// chain is left to the next page, so that no page takes long.
func (l *Ledger) stretches(ctx context.Context, tx *store.Tx, after, latest int64, kinds []string, limit int) (entries []store.Entry, through int64, err error) {
	if len(kinds) == 0 {
		return nil, max(after, latest), nil
	}
	through = after
	for range mostStretches {
		if through >= latest || len(entries) == limit {
			break
		}
		from := through
		through = min(from+l.Stretch, latest)
		some, err := tx.Sealed(ctx, from, through, store.SightOf(authority.From(ctx)), kinds, limit-len(entries))
		if err != nil {
			return nil, 0, err
		}
		entries = append(entries, some...)
	}
	return entries, through, nil
}

// mayFollow holds a key's scopes against reading the feed.
func mayFollow(a authority.Actor) error {
	if !a.Scopes.Allow("events", authority.Read) {
		return OutOfScope(a, "events", authority.Read)
	}
	return nil
}

// kindsFor are the nouns whose events the actor may read and that can have events
// of the wanted types.
func kindsFor(a authority.Actor, types []string) (kinds []string) {
	for _, n := range register.All() {
		wanted := slices.ContainsFunc(typesOf(n), func(t EventType) bool { return t.Among(types) })
		if wanted && mayAsk(a, n, authority.Read) == nil {
			kinds = append(kinds, n.Name)
		}
	}
	return kinds
}

func (l *Ledger) events(ctx context.Context, tx *store.Tx, entries []store.Entry, types []string) ([]Event, error) {
	subjects, err := l.labels(ctx, tx, subjectsOf(entries), store.SightOf(authority.From(ctx)))
	if err != nil {
		return nil, err
	}
	names, err := l.actors(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	out := []Event{}
	sees, err := l.reader(ctx)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if len(types) == 0 || anyMatch(types, eventType(&entries[i])) {
			out = append(out, l.event(sees, &entries[i], subjects, names))
		}
	}
	return out, nil
}

// event is an entry as a reader is shown it.
func (l *Ledger) event(sees reader, e *store.Entry, subjects, names register.Labels) Event {
	n := register.ByName(e.Kind)
	return Event{
		ID: "evt_" + strings.ReplaceAll(e.ID, "-", ""), Seq: *e.Seq, Type: eventType(e), Timestamp: string(e.At), APIVersion: "v1",
		Subject: Subject{Type: e.Kind, ID: e.RecordID, Ref: subjects[e.Kind][e.RecordID].Ref, Version: e.Version, URL: n.URL(l.Base, e.RecordID)},
		Actor:   actorOf(e, names),
		Origin:  Origin{RequestID: ptr(e.RequestID)},
		Data:    EventData{Changes: seen(sees, n, deltas(e)), Transition: ptr(e.Transition)},
	}
}

// Verify checks the chain of entries. It takes the role admin or level 7.
func (l *Ledger) Verify(ctx context.Context, from, to int64) (store.Verdict, error) {
	actor := authority.From(ctx)
	if !actor.Governs() {
		return store.Verdict{}, governors(actor)
	}
	if !actor.Scopes.Allow("admin", authority.Read) && !actor.Scopes.Allow("events", authority.Read) {
		return store.Verdict{}, OutOfScope(actor, "events", authority.Read)
	}
	tx := l.DB.Look()
	head, _, err := tx.Head(ctx)
	if err != nil {
		return store.Verdict{}, err
	}
	if to == 0 || to > head {
		to = head
	}
	if from < 1 || from > max(to, 1) {
		return store.Verdict{}, &fault.Error{
			Code: fault.InvalidParameter, Detail: "from must be a number of the chain.",
			Fields: []fault.Field{{Parameter: "from", Code: "out_of_range", Detail: "from must lie between 1 and the last sealed number."}},
		}
	}
	return tx.Verify(ctx, from, min(to, from+mostLinks-1))
}

// mostLinks is how many links one call checks.
const mostLinks = 100_000
