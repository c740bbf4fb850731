package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Worklist is what somebody has to do now, in the order in which it presses. A
// record stands in it once.
type Worklist struct {
	// OwnerID is the person whose work it is.
	OwnerID string `json:"owner_id" format:"uuid"`
	// Day is today in the zone asked for.
	Day string `json:"day" format:"date"`
	// Overdue is what should have been done by now.
	Overdue []WorkItem `json:"overdue"`
	// DueToday is what is due by the end of today's work.
	DueToday []WorkItem `json:"due_today"`
	// DueThisWeek is what is due within the seven days after.
	DueThisWeek []WorkItem `json:"due_this_week"`
	// WaitingOnMe is what others asked the person to decide.
	WaitingOnMe []WorkItem `json:"waiting_on_me"`
	// EngagementGaps are stakeholders that stand further off than they should, or were not heard of for too long.
	EngagementGaps []WorkItem `json:"engagement_gaps"`
	// Complete is false where there is more than is shown.
	Complete bool `json:"complete"`
}

// WorkItem is one record to work on.
type WorkItem struct {
	// Collection is where the record stands.
	Collection string `json:"collection"`
	// ID is the record's id.
	ID string `json:"id" format:"uuid"`
	// Ref is the record's short name.
	Ref string `json:"ref"`
	// Name is what the record is called, null if it has no name.
	Name *string `json:"name" extensions:"x-nullable"`
	// State is how far it has come.
	State string `json:"state"`
	// DueOn is the day by which something must be done, null for none.
	DueOn *string `json:"due_on" format:"date" extensions:"x-nullable"`
	// Reason says why it is here.
	Reason string `json:"reason"`
	// URL leads to the record.
	URL string `json:"url" format:"uri-reference"`
	// Actions are requests that can be made next; what is null in a body is to be filled in.
	Actions []WorkAction `json:"actions"`
}

// WorkAction is a request, ready to be filled in and sent.
type WorkAction struct {
	// Label says what it does.
	Label string `json:"label"`
	// Method is the method of the request.
	Method string `json:"method" example:"POST"`
	// Href is its address.
	Href string `json:"href" format:"uri-reference"`
	// Body is its body.
	Body map[string]any `json:"body"`
	// Ready says that nothing stands in the way once the required fields are filled in; false where rules look at more: GET at href names all that does.
	Ready bool `json:"ready"`
	// Fields are what it may fill in, and must.
	Fields []ExplainedField `json:"fields"`
}

// mostWork is how many records are read of one noun for one of the places that
// somebody has on it.
const mostWork = 50

// weekAhead is how many days a worklist looks ahead.
const weekAhead = 7

// working gathers a worklist.
type working struct {
	*Ledger
	tx     *store.Tx
	person string
	today  register.Date
	now    register.Instant
	sight  *store.Sight
	seen   map[string]bool
	list   *Worklist
}

// Worklist is what a person has to do, as far as the caller sees it. Days are read
// in the zone.
func (l *Ledger) Worklist(ctx context.Context, person string, zone *time.Location) (Worklist, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	list := Worklist{
		OwnerID: person, Day: string(register.On(l.Now().In(zone))), Complete: true,
		Overdue: []WorkItem{}, DueToday: []WorkItem{}, DueThisWeek: []WorkItem{}, WaitingOnMe: []WorkItem{}, EngagementGaps: []WorkItem{},
	}
	w := &working{l, l.DB.Look(), person, register.Date(list.Day), l.at(), store.SightOf(authority.From(ctx)), map[string]bool{}, &list}
	for _, n := range dueNouns(authority.From(ctx)) {
		if err := w.awaited(ctx, n); err != nil {
			return list, tooBroad(n, err)
		}
		if err := w.due(ctx, n); err != nil {
			return list, tooBroad(n, err)
		}
		if err := w.reminded(ctx, n); err != nil {
			return list, tooBroad(n, err)
		}
	}
	if err := w.gaps(ctx, register.Stakeholders); err != nil {
		return list, tooBroad(register.Stakeholders, err)
	}
	for _, section := range [][]WorkItem{list.Overdue, list.DueToday, list.DueThisWeek, list.WaitingOnMe} {
		slices.SortStableFunc(section, func(a, b WorkItem) int { return cmp.Compare(dayOf(a), dayOf(b)) })
	}
	return list, nil
}

// dueNouns are the nouns whose records are due on a day and that somebody may read.
func dueNouns(a authority.Actor) (nouns []*register.Noun) {
	for _, n := range register.All() {
		if !n.Platform && n.Field("due_on") != nil && may(a, n, authority.Read) {
			nouns = append(nouns, n)
		}
	}
	return nouns
}

func dayOf(i WorkItem) string {
	if i.DueOn == nil {
		return "9999" // what is not due comes last
	}
	return *i.DueOn
}

// places are the fields by which a record names one who works on it.
func places(n *register.Noun) (fields []*register.Field) {
	for _, f := range n.Fields {
		if f.Target == "user" && f.Named && !f.Many {
			fields = append(fields, f)
		}
	}
	return fields
}

// due gathers the records of a noun that are due soon, and those that wait for the
// person to decide.
func (w *working) due(ctx context.Context, n *register.Noun) error {
	for _, q := range dueOf(n, w.person, w.today.Days(weekAhead)) {
		if err := w.gather(ctx, q, w.dueItem); err != nil {
			return err
		}
	}
	return w.unassigned(ctx, n)
}

// dueOf asks for the records of a noun that are due to a person by a day, the
// earliest first: once for each place that somebody has on them, and by the next time
// limit too where due_on is another day than that.
func dueOf(n *register.Noun, person string, by register.Date) (queries []store.Query) {
	by = by.Days(1) // the moments of a day come before the day after
	days := []*register.Field{n.Field("due_on")}
	if n.DueByHand() {
		days = append(days, n.Field("due_at"))
	}
	for _, place := range places(n) {
		for _, on := range days {
			where := append(undone(n), store.Cond{Field: place, Op: "eq", Values: []any{person}}, store.Cond{Field: on, Op: "lt", Values: []any{string(by)}})
			queries = append(queries, store.Query{Noun: n, Where: where, Sort: on})
		}
	}
	return queries
}

// gather reads the records of a query that are not in the list yet, and puts them
// where place says; nil = nowhere.
func (w *working) gather(ctx context.Context, q store.Query, place func(n *register.Noun, row register.Row) (*[]WorkItem, string)) error {
	q.Sight, q.Limit = w.sight, mostWork
	rows, more, err := w.tx.List(ctx, q)
	if err != nil {
		return err
	}
	w.list.Complete = w.list.Complete && !more
	return w.put(ctx, q.Noun, rows, place)
}

// put puts those rows into the list that are not in it yet, where place says.
func (w *working) put(ctx context.Context, n *register.Noun, rows []register.Row, place func(n *register.Noun, row register.Row) (*[]WorkItem, string)) error {
	rows = slices.DeleteFunc(rows, func(row register.Row) bool { return w.seen[string(row[n.Field("id").Column])] })
	explained, err := w.TransitionsOf(ctx, n, rows)
	if err != nil {
		return err
	}
	for i, row := range rows {
		section, reason := place(n, row)
		if section == nil {
			continue
		}
		item := w.item(n, row, reason)
		if day := w.dayDue(n, cells(n, row)); day != "" {
			item.DueOn = ptr(string(day))
		}
		w.seen[item.ID] = true
		item.Actions = append(item.Actions, next(item.URL, explained[i])...)
		*section = append(*section, item)
	}
	return nil
}

// item is a record as a worklist shows it.
func (w *working) item(n *register.Noun, row register.Row, reason string) WorkItem {
	cell := cells(n, row)
	item := WorkItem{
		Collection: n.Path, ID: cell("id"), Ref: n.Ref([]byte(cell("num"))), State: cell("state"), DueOn: ptr(cell("due_on")),
		Reason: reason, URL: n.URL(w.Base, cell("id")), Actions: []WorkAction{},
	}
	if n.TitleField != nil {
		item.Name = ptr(cell(n.TitleField.Name))
	}
	return item
}

// dayDue is the day by which something must be done about a record: of the day that
// clients write and the time limit that ends next the earlier one.
func (l *Ledger) dayDue(n *register.Noun, cell func(name string) string) register.Date {
	on, at := register.Date(cell("due_on")), register.Instant("")
	if n.DueByHand() {
		at = register.Instant(cell("due_at"))
	}
	if at == "" {
		return on
	}
	limit := register.On(at.Time().In(l.local(context.Background()).Location()))
	if on == "" || limit < on {
		return limit
	}
	return on
}

// cells reads a row by the names of its fields; "" for what the noun does not have.
func cells(n *register.Noun, row register.Row) func(name string) string {
	return func(name string) string {
		if f := n.Field(name); f != nil {
			return string(row[f.Column])
		}
		return ""
	}
}

// dueItem says where a record stands that is due, and why.
func (w *working) dueItem(n *register.Noun, row register.Row) (*[]WorkItem, string) {
	on, at, reason := w.dayDue(n, cells(n, row)), register.Instant(""), ""
	if f := n.Field("due_for"); f != nil {
		at = register.Instant(row[n.Field("due_at").Column])
		if k := n.ClockNamed(string(row[f.Column])); k != nil {
			reason = k.Doc + " "
		}
	}
	late := on < w.today
	if at != "" {
		late = at <= w.now
	}
	section := &w.list.DueThisWeek
	switch {
	case late:
		section, reason = &w.list.Overdue, reason+"It was due on "+string(on)+"."
	case on <= w.today:
		section, reason = &w.list.DueToday, reason+"It is due today."
	default:
		reason += "It is due on " + string(on) + "."
	}
	if n == register.Escalations && slices.Contains(register.Undecided(), string(row[n.Field("state").Column])) && w.decides(n, row) {
		section = &w.list.WaitingOnMe
	}
	return section, reason
}

// decides reports whether the person stands on the rung of an escalation.
func (w *working) decides(n *register.Noun, row register.Row) bool {
	return string(row[n.Field("holder_id").Column]) == w.person || string(row[n.Field("deputy_id").Column]) == w.person
}

// next are the requests that take a record further.
func next(url string, explained []Explained) (actions []WorkAction) {
	for _, e := range explained {
		if !e.Permitted {
			continue
		}
		fields := map[string]any{}
		for _, f := range e.Fields {
			if f.Required {
				fields[f.Name] = nil
			}
		}
		actions = append(actions, WorkAction{e.Label, "POST", url + "/transitions", map[string]any{"transition": e.Name, "fields": fields}, !e.guarded, e.Fields})
	}
	return actions
}

// gaps gathers the stakeholders of the person whose engagement is short of what it
// should be, and those who were not heard of for too long.
func (w *working) gaps(ctx context.Context, n *register.Noun) error {
	if !may(authority.From(ctx), n, authority.Read) {
		return nil
	}
	soonest := w.cadence(ctx, "largest")
	for _, tier := range register.Enums["client_tier"] {
		soonest = min(soonest, w.cadence(ctx, tier))
	}
	for _, by := range []string{"owner_id", "spoc_id"} {
		mine := []store.Cond{{Field: n.Field(by), Op: "eq", Values: []any{w.person}}, {Field: n.Field("state"), Op: "eq", Values: []any{"active"}}}
		gap := append(slices.Clone(mine), store.Cond{Field: n.Field("gap"), Op: "gt", Values: []any{int64(0)}})
		if err := w.gather(ctx, store.Query{Noun: n, Where: gap, Sort: n.Field("gap"), Desc: true}, w.gapItem); err != nil {
			return err
		}
		silent := append(slices.Clone(mine), store.Cond{Field: n.Field("last_contact_at"), Op: "lte", Values: []any{string(register.At(w.Now().AddDate(0, 0, -soonest)))}})
		err := w.gather(ctx, store.Query{Noun: n, Where: silent, Sort: n.Field("last_contact_at")}, func(n *register.Noun, row register.Row) (*[]WorkItem, string) {
			return w.silentItem(ctx, n, row)
		})
		if err != nil {
			return err
		}
	}
	for i := range w.list.EngagementGaps {
		w.list.EngagementGaps[i].Actions = w.approach(w.list.EngagementGaps[i])
	}
	return nil
}

// cadence is how many days may pass between two contacts with a client of a tier.
func (w *working) cadence(ctx context.Context, tier string) int {
	days, _ := strconv.Atoi(w.Setting(ctx, register.CadenceSetting(tier))) // the setting's own check keeps it a number
	return days
}

func (w *working) gapItem(n *register.Noun, row register.Row) (*[]WorkItem, string) {
	return &w.list.EngagementGaps, fmt.Sprintf("Engagement is %s and should be %s.", row[n.Field("current_engagement").Column], row[n.Field("desired_engagement").Column])
}

func (w *working) silentItem(ctx context.Context, n *register.Noun, row register.Row) (*[]WorkItem, string) {
	last := register.Instant(row[n.Field("last_contact_at").Column])
	most := w.cadence(ctx, string(row[n.Field("client_tier").Column]))
	days := int(w.now.Time().Sub(last.Time()) / (24 * time.Hour))
	if days <= most {
		return nil, ""
	}
	return &w.list.EngagementGaps, fmt.Sprintf("No contact for %d days; %d may pass.", days, most)
}

// approach are the requests that bring a stakeholder nearer.
func (w *working) approach(i WorkItem) []WorkAction {
	return []WorkAction{
		{"Log a contact", "POST", w.Base + "/interactions", map[string]any{
			"stakeholder_ids": []string{i.ID}, "channel": nil, "direction": nil, "occurred_at": "now", "summary": nil,
		}, false, []ExplainedField{}},
		{"Assess anew", "POST", i.URL + "/assessments", map[string]any{"current_engagement": nil, "desired_engagement": nil, "rationale": nil}, false, []ExplainedField{}},
	}
}
