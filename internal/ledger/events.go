package ledger

import (
	"context"
	"path"
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
	if !actor.Scopes.Allow("events", authority.Read) {
		return Feed{}, OutOfScope(actor, "events", authority.Read)
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	latest, _, err := tx.Head(ctx)
	if err != nil {
		return Feed{}, err
	}
	if after == Latest {
		return Feed{Events: []Event{}, NextAfter: latest, Latest: latest}, nil
	}
	entries, err := tx.Sealed(ctx, after, store.SightOf(actor), kindsFor(actor), limit+1)
	if err != nil {
		return Feed{}, err
	}
	feed := Feed{Events: []Event{}, NextAfter: max(after, latest), Latest: latest, More: len(entries) > limit}
	if feed.More {
		entries = entries[:limit]
		feed.NextAfter = *entries[limit-1].Seq
	} else if n := len(entries); n > 0 {
		feed.NextAfter = max(feed.NextAfter, *entries[n-1].Seq)
	}
	feed.Events, err = l.events(ctx, tx, entries, types)
	return feed, err
}

// kindsFor are the nouns whose events the actor may read.
func kindsFor(a authority.Actor) (kinds []string) {
	for _, n := range register.All() {
		if mayAsk(a, n, authority.Read) == nil {
			kinds = append(kinds, n.Name)
		}
	}
	return kinds
}

func (l *Ledger) events(ctx context.Context, tx *store.Tx, entries []store.Entry, types []string) ([]Event, error) {
	wanted := map[string]map[string]bool{}
	for _, e := range entries {
		if wanted[e.Kind] == nil {
			wanted[e.Kind] = map[string]bool{}
		}
		wanted[e.Kind][e.RecordID] = true
	}
	subjects, err := l.labels(ctx, tx, wanted, store.SightOf(authority.From(ctx)))
	if err != nil {
		return nil, err
	}
	names, err := l.actors(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	out := []Event{}
	for i := range entries {
		e := l.event(ctx, &entries[i], subjects, names)
		if len(types) == 0 || anyMatch(types, e.Type) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (l *Ledger) event(ctx context.Context, e *store.Entry, subjects, names register.Labels) Event {
	n := register.ByName(e.Kind)
	return Event{
		ID: "evt_" + strings.ReplaceAll(e.ID, "-", ""), Seq: *e.Seq, Type: eventType(e), Timestamp: string(e.At), APIVersion: "v1",
		Subject: Subject{Type: e.Kind, ID: e.RecordID, Ref: subjects[e.Kind][e.RecordID].Ref, Version: e.Version, URL: n.URL(l.Base, e.RecordID)},
		Actor:   actorOf(e, names),
		Origin:  Origin{RequestID: ptr(e.RequestID)},
		Data:    EventData{Changes: seen(ctx, n, deltas(e)), Transition: ptr(e.Transition)},
	}
}

// eventWords are the words of actions in event types, where the two differ.
var eventWords = map[string]string{"transition": "state_changed", "removed": "deleted"}

func eventType(e *store.Entry) string {
	if e.Action == "gap_opened" || e.Action == "gap_closed" {
		return "engagement." + e.Action
	}
	if word, differs := eventWords[e.Action]; differs {
		return e.Kind + "." + word
	}
	return e.Kind + "." + e.Action
}

func anyMatch(patterns []string, typ string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, typ); err == nil && ok {
			return true
		}
	}
	return false
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
