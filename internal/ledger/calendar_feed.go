package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

const calendarPurpose = "calendar"

// CalendarKinds are what a calendar feed can hold.
var CalendarKinds = []string{"due", "meetings"}

// How far a calendar feed goes.
const (
	calendarTime  = 365 * 24 * time.Hour // for how long its address is good
	calendarAhead = 366                  // days
	calendarBack  = 90
	mostInFeed    = 200 // records of one noun for one of the places that somebody has on it
)

// OpenCalendar makes the secret of the caller's calendar feed, which is told this
// once, and ends the one before. The feed opens no more than that by which the
// caller signed in, and ends with it.
func (l *Ledger) OpenCalendar(ctx context.Context, kinds []string) (secret string, t store.Token, err error) {
	actor := authority.From(ctx)
	if actor.Person() == "" {
		return "", t, fault.New(fault.InsufficientLevel, "A calendar is a person's: a machine has none.")
	}
	secret = newToken()
	t = store.Token{
		ID: register.NewID(l.Now()), Hash: hashToken(secret), Purpose: calendarPurpose, Kinds: strings.Join(kinds, ","), KeyID: actor.KeyID,
		IdentityID: actor.IdentityID, UserID: actor.Person(), CreatedAt: l.at(), ExpiresAt: register.At(l.Now().Add(calendarTime)), UsesLeft: 1,
	}
	err = l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.RevokeTokens(ctx, t.UserID, calendarPurpose); err != nil {
			return err
		}
		return tx.EnterToken(ctx, t)
	})
	return secret, t, err
}

// OwnTokens are the caller's own, the newest first, from after one of them on.
func (l *Ledger) OwnTokens(ctx context.Context, after string, limit int) (tokens []store.Token, more bool, err error) {
	person := authority.From(ctx).Person()
	if person == "" {
		return nil, false, nil
	}
	tokens, err = l.DB.Look().TokensOf(ctx, person, after, l.at(), limit+1)
	if more = len(tokens) > limit; more {
		tokens = tokens[:limit]
	}
	return tokens, more, err
}

// RevokeToken ends a token of the caller's.
func (l *Ledger) RevokeToken(ctx context.Context, id string) error {
	person := authority.From(ctx).Person()
	if _, ok := register.ParseName(register.Users, id); !ok || person == "" {
		return none()
	}
	err := l.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.RevokeToken(ctx, person, id) })
	if errors.Is(err, store.ErrNone) {
		return none()
	}
	return err
}

// Appointment is what stands in a calendar: a whole day, or a moment.
type Appointment struct {
	UID, Sort, Title, About, URL, Place string

	On       register.Date    // the day, or
	At       register.Instant // the moment
	For      time.Duration    // 0 = not known
	Revision int
	Changed  register.Instant
}

// Agenda is what a calendar feed holds.
type Agenda struct {
	Person       string
	Zone         *time.Location
	Appointments []Appointment
}

// CalendarFeed is what the holder of a feed's secret reads: what the person has in
// the calendar, as far as they may see it now, by the key by which they had asked.
// Whatever is wrong is answered alike.
func (l *Ledger) CalendarFeed(ctx context.Context, secret, ip string) (*Agenda, error) {
	unknown := fault.New(fault.NotFound, "There is no calendar at this address, or not any more.")
	if len(secret) > 100 {
		return nil, unknown
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	t, err := l.DB.Look().Token(ctx, hashToken(secret), calendarPurpose, l.at())
	if errors.Is(err, store.ErrNone) {
		return nil, unknown
	}
	if err != nil {
		return nil, err
	}
	actor, _, err := l.Recheck(ctx, authority.Actor{Type: authority.User, KeyID: t.KeyID, IdentityID: t.IdentityID, Address: ip})
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.KeyRevoked) || fault.Is(err, fault.KeyExpired) || err == nil && actor.Person() != t.UserID {
		return nil, unknown
	}
	if err != nil {
		return nil, err
	}
	return l.agenda(authority.With(ctx, actor), strings.Split(t.Kinds, ","))
}

// agenda gathers what the actor of ctx has in the calendar.
func (l *Ledger) agenda(ctx context.Context, kinds []string) (*Agenda, error) {
	actor, now := authority.From(ctx), l.local(ctx)
	a, today := &Agenda{Person: actor.Name, Zone: now.Location()}, register.On(now)
	if slices.Contains(kinds, "due") {
		for _, n := range dueNouns(actor) {
			for _, q := range dueOf(n, actor.ID, today.Days(calendarAhead)) {
				q.Where = append(q.Where, store.Cond{Field: q.Sort, Op: "gte", Values: []any{string(today.Days(-calendarBack))}})
				if err := l.enter(ctx, a, q, l.dueDay); err != nil {
					return nil, err
				}
			}
			if err := l.enterReminded(ctx, a, n, today.Days(-calendarBack), today.Days(calendarAhead)); err != nil {
				return nil, err
			}
		}
	}
	if n := register.Interactions; slices.Contains(kinds, "meetings") && may(actor, n, authority.Read) {
		for _, q := range meetingsOf(n, actor.ID, register.At(now.AddDate(0, 0, -calendarBack))) {
			if err := l.enter(ctx, a, q, l.meeting); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(a.Appointments, func(a, b Appointment) int { return strings.Compare(a.UID, b.UID) })
	a.Appointments = slices.CompactFunc(a.Appointments, func(a, b Appointment) bool { return a.UID == b.UID })
	return a, nil
}

// meetingsOf asks for the contacts on which a person is named and met others.
func meetingsOf(n *register.Noun, person string, since register.Instant) (queries []store.Query) {
	for place, op := range map[string]string{"owner_id": "eq", "user_ids": "any"} {
		queries = append(queries, store.Query{Noun: n, Sort: n.Field("occurred_at"), Desc: true, Where: []store.Cond{
			{Field: n.Field(place), Op: op, Values: []any{person}},
			{Field: n.Field("channel"), Op: "in", Values: []any{"in_person", "video", "event"}},
			{Field: n.Field("occurred_at"), Op: "gte", Values: []any{string(since)}},
		}})
	}
	return queries
}

// enter adds what a query finds to an agenda.
func (l *Ledger) enter(ctx context.Context, a *Agenda, q store.Query, as func(n *register.Noun, cell func(name string) string) Appointment) error {
	q.Sight, q.Limit = store.SightOf(authority.From(ctx)), mostInFeed
	rows, _, err := l.DB.Look().List(ctx, q)
	if err != nil {
		return tooBroad(q.Noun, err)
	}
	for _, row := range rows {
		cell := cells(q.Noun, row)
		l.note(a, q.Noun, cell, as(q.Noun, cell))
	}
	return nil
}

// note adds an appointment about a record to an agenda.
func (l *Ledger) note(a *Agenda, n *register.Noun, cell func(name string) string, e Appointment) {
	e.UID = fmt.Sprintf("%s-%s@rapport", strings.ToLower(e.Sort), cell("id"))
	e.About += strings.TrimSpace("State: " + strings.ReplaceAll(cell("state"), "_", " ") + ".")
	e.Changed, e.URL = register.Instant(cell("updated_at")), n.URL(l.Base, cell("id"))
	e.Revision, _ = strconv.Atoi(cell("version")) // our own number
	a.Appointments = append(a.Appointments, e)
}

// enterReminded adds the records of a noun that are to be looked at again to an agenda.
func (l *Ledger) enterReminded(ctx context.Context, a *Agenda, n *register.Noun, since, until register.Date) error {
	actor := authority.From(ctx)
	rows, by, _, err := l.reminders(ctx, l.DB.Look(), store.SightOf(actor), n, actor.ID)
	if err != nil {
		return tooBroad(n, err)
	}
	for _, row := range rows {
		cell := cells(n, row)
		if r := by[cell("id")]; r.on >= since && r.on < until {
			l.note(a, n, cell, Appointment{Sort: "Due", Title: called(n, cell), On: r.on, About: r.doc + "\n"})
		}
	}
	return nil
}

// dueDay is the day on which a record is due.
func (l *Ledger) dueDay(n *register.Noun, cell func(name string) string) Appointment {
	e := Appointment{Sort: "Due", Title: called(n, cell), On: l.dayDue(n, cell)}
	if k := n.ClockNamed(cell("due_for")); k != nil {
		e.About = k.Doc + "\n"
	}
	return e
}

// meeting is a contact in person, by video or at an event.
func (l *Ledger) meeting(n *register.Noun, cell func(name string) string) Appointment {
	minutes, _ := strconv.Atoi(cell("duration_minutes")) // our own number, or none
	return Appointment{
		Sort: "Meeting", Title: called(n, cell), At: register.Instant(cell("occurred_at")), For: time.Duration(minutes) * time.Minute, Place: cell("location"),
	}
}

// called is a record's ref and name.
func called(n *register.Noun, cell func(name string) string) string {
	ref := n.Ref([]byte(cell("num")))
	if n.TitleField == nil {
		return ref
	}
	return strings.TrimSpace(ref + " " + cell(n.TitleField.Name))
}
