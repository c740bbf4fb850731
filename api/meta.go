package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// EnumList is every enumeration.
type EnumList struct {
	// Data are the enumerations by their names.
	Data []EnumInfo `json:"data"`
}

// EnumInfo is one enumeration.
type EnumInfo struct {
	// Name is the enumeration's name.
	Name string `json:"name"`
	// Values are its words with their labels, in order.
	Values []EnumValue `json:"values"`
}

// EnumValue is a word of an enumeration.
type EnumValue struct {
	// Value is the word on the wire.
	Value string `json:"value"`
	// Label is the word for people.
	Label string `json:"label"`
}

// metaEnums answers the enumerations.
//
//	@ID			listEnums
//	@Summary	List the enumerations
//	@Description	Every closed list of words with labels. Any key may ask.
//	@Tags		Meta
//	@Success	200	{object}	EnumList
//	@Router		/meta/enums [get]
func (s *server) metaEnums(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	list := EnumList{Data: []EnumInfo{}}
	for name, values := range register.Enums {
		info := EnumInfo{Name: name, Values: []EnumValue{}}
		for _, v := range values {
			info.Values = append(info.Values, EnumValue{v, register.Wording(v)})
		}
		list.Data = append(list.Data, info)
	}
	slices.SortFunc(list.Data, func(a, b EnumInfo) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return s.send(c, http.StatusOK, list)
}

// Workflow is the life of a noun's records, as a kanban needs it.
type Workflow struct {
	// Noun is the noun's name.
	Noun string `json:"noun"`
	// Initial is the state of a new record.
	Initial string `json:"initial"`
	// States are the states, in order.
	States []WorkflowState `json:"states"`
	// Transitions are the rows of the workflow.
	Transitions []WorkflowTransition `json:"transitions"`
	// Clocks are the time limits that run in its states.
	Clocks []WorkflowClock `json:"clocks"`
}

// WorkflowState is a state of a workflow.
type WorkflowState struct {
	// Name is the state on the wire.
	Name string `json:"name"`
	// Label is the state for people.
	Label string `json:"label"`
	// Order is its place among the states, from 1.
	Order int `json:"order"`
	// Terminal says whether it is an end.
	Terminal bool `json:"terminal"`
	// Color is a colour for it, #rrggbb.
	Color string `json:"color"`
}

// WorkflowTransition is a row of a workflow.
type WorkflowTransition struct {
	// Name is the transition on the wire.
	Name string `json:"name"`
	// Label is the transition for people.
	Label string `json:"label"`
	// Description says what it means.
	Description string `json:"description"`
	// From are the states it leads out of.
	From []string `json:"from"`
	// To are the states it may lead to; empty where it stays.
	To []string `json:"to"`
	// Level is its least level, 0 for anybody, as the authority table has it now.
	Level int `json:"level"`
	// Raises are what lifts the level.
	Raises []WorkflowRaise `json:"raises"`
	// FourEyes names the transition whose actor must be another person, several with commas between; null for none.
	FourEyes *string `json:"four_eyes"`
	// FourEyesIf says when that is asked; null for always, and where none is.
	FourEyesIf *string `json:"four_eyes_if"`
	// Guards are the codes of what may stand in its way.
	Guards []string `json:"guards"`
	// Fields are what it writes.
	Fields []ledger.ExplainedField `json:"fields"`
}

// WorkflowRaise is a circumstance that lifts a level.
type WorkflowRaise struct {
	// Name is the part of the authority key after the @.
	Name string `json:"name"`
	// Level is the level it asks for.
	Level int `json:"level"`
	// Why says when it applies.
	Why string `json:"why"`
}

// metaWorkflow answers a noun's workflow.
//
//	@ID			getWorkflow
//	@Summary	Read a workflow
//	@Description	States with labels, order and colours, and every transition with its level, raises and guards, and the time limits, so that a board needs no columns of its own. Any key may ask.
//	@Tags		Meta
//	@Param		noun	path	string	true	"the noun, such as stakeholder"
//	@Param		format	query	string	false	"json, or mermaid for a diagram"	Enums(json,mermaid)
//	@Success	200	{object}	Workflow
//	@Router		/meta/workflows/{noun} [get]
func (s *server) metaWorkflow(c echo.Context) error {
	values, err := params(c, "format")
	if err != nil {
		return err
	}
	n := register.ByName(c.Param("noun"))
	if n == nil {
		return fault.New(fault.NotFound, "There is no such noun.")
	}
	switch values.Get("format") {
	case "mermaid":
		return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(n.Flow.Mermaid()))
	case "", "json":
		return s.send(c, http.StatusOK, s.workflow(c.Request().Context(), n))
	}
	return invalid("format", "format is json or mermaid.")
}

func (s *server) workflow(ctx context.Context, n *register.Noun) Workflow {
	w := Workflow{Noun: n.Name, Initial: string(n.Flow.Start), States: []WorkflowState{}, Transitions: []WorkflowTransition{}, Clocks: clocksOf(n)}
	for i, state := range n.Flow.States() {
		w.States = append(w.States, WorkflowState{
			Name: string(state), Label: register.Wording(string(state)), Order: i + 1,
			Terminal: n.Flow.Ended(state), Color: colour(n, string(state)),
		})
	}
	rules := s.ledger.Rules(ctx)
	for i := range n.Flow.Rows {
		row := &n.Flow.Rows[i]
		key := n.Name + "." + row.Name
		t := WorkflowTransition{
			Name: row.Name, Label: register.Wording(row.Name), Description: row.Doc, Level: int(rules.Level(key, row.Level)),
			From: []string{}, To: []string{}, Raises: []WorkflowRaise{}, Guards: []string{}, Fields: ledger.FieldsOf(n, row),
		}
		for _, from := range row.From {
			t.From = append(t.From, string(from))
		}
		if row.To != "" {
			t.To = append(t.To, string(row.To))
		}
		for _, to := range row.Or {
			t.To = append(t.To, string(to))
		}
		for _, r := range row.Raise {
			t.Raises = append(t.Raises, WorkflowRaise{r.Name, int(rules.Level(key+"@"+r.Name, r.Level)), r.Why})
		}
		for _, g := range row.Guards {
			t.Guards = append(t.Guards, g.Code)
		}
		if row.FourEyes != "" {
			t.FourEyes, t.FourEyesIf = &row.FourEyes, orNull(row.FourEyesWhen)
		}
		w.Transitions = append(w.Transitions, t)
	}
	return w
}

// colour is blue at the start, grey at an end and amber between.
func colour(n *register.Noun, state string) string {
	switch {
	case state == string(n.Flow.Start):
		return "#2563eb"
	case n.Flow.Ended(n.Flow.States()[slices.IndexFunc(n.Flow.States(), func(s flow.State) bool { return string(s) == state })]):
		return "#6b7280"
	}
	return "#d97706"
}

// CollectionFields is what there is to know of a collection's fields.
type CollectionFields struct {
	// Collection is the collection's path.
	Collection string `json:"collection"`
	// Noun is the noun's name.
	Noun string `json:"noun"`
	// Fields are its fields, in the order of the wire, and then what is said with a change and not kept.
	Fields []FieldInfo `json:"fields"`
	// Includes are what include takes.
	Includes []string `json:"includes"`
	// Sorts are what sort takes.
	Sorts []string `json:"sorts"`
	// DefaultSort is the list's own order.
	DefaultSort string `json:"default_sort"`
	// AccessPaths are the lists that stay fast however many records there are.
	AccessPaths []string `json:"access_paths"`
}

// FieldInfo is what there is to know of a field.
type FieldInfo struct {
	// Name is the field on the wire.
	Name string `json:"name"`
	// Type is its JSON type.
	Type string `json:"type"`
	// Format is the format of its values; null for none.
	Format *string `json:"format"`
	// Enum names its enumeration; null for none.
	Enum *string `json:"enum"`
	// Target is the noun that it refers to; null for none.
	Target *string `json:"target"`
	// Nullable says whether it may be null.
	Nullable bool `json:"nullable"`
	// Required says whether a client must fill it.
	Required bool `json:"required"`
	// Written says when a client may write it: never, always, or by these.
	Written []string `json:"written"`
	// Filters are the operators that filters by it take.
	Filters []string `json:"filters"`
	// Sortable says whether lists can be sorted by it.
	Sortable bool `json:"sortable"`
}

// metaFields answers a collection's fields.
//
//	@ID			getFields
//	@Summary	Read a collection's fields
//	@Description	Name, type, operators, sorting and when each field may be written, and the access paths that stay fast. Any key may ask.
//	@Tags		Meta
//	@Param		collection	path	string	true	"the collection, such as stakeholders"
//	@Success	200	{object}	CollectionFields
//	@Router		/meta/fields/{collection} [get]
func (s *server) metaFields(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	n := register.ByPath(c.Param("collection"))
	if n == nil {
		return fault.New(fault.NotFound, "There is no such collection.")
	}
	out := CollectionFields{Collection: n.Path, Noun: n.Name, Fields: []FieldInfo{}, Includes: n.Includes(), Sorts: n.Sorts(), DefaultSort: n.Sort, AccessPaths: []string{}}
	for _, f := range slices.Concat(n.Inputs(), n.Reckoned, n.Made) {
		if !f.Secret {
			out.Fields = append(out.Fields, fieldInfo(n, f))
		}
	}
	customs, err := s.ledger.Customs(c.Request().Context())
	if err != nil {
		return err
	}
	for _, f := range customs.Known(n) {
		out.Fields = append(out.Fields, customInfo(f))
	}
	for _, p := range n.Paths {
		out.AccessPaths = append(out.AccessPaths, p.String())
	}
	return s.send(c, http.StatusOK, out)
}

// customInfo is what there is to know of a custom field.
func customInfo(f *register.CustomField) FieldInfo {
	of := f.Field()
	info := FieldInfo{Name: f.Path(), Type: f.WireType(), Format: orNull(f.Format()), Target: orNull(of.Target), Nullable: true, Required: f.Required, Written: []string{}, Filters: []string{}}
	if f.Active() {
		info.Written = []string{"create", "update"}
	}
	if of.Filter {
		info.Filters = append([]string{"eq"}, of.Ops()...)
	}
	return info
}

func fieldInfo(n *register.Noun, f *register.Field) FieldInfo {
	info := FieldInfo{
		Name: f.Name, Type: f.WireType(), Format: orNull(f.Format()), Enum: orNull(f.Enum), Target: orNull(f.Target),
		Nullable: f.Nullable, Required: f.Required, Written: []string{}, Filters: []string{}, Sortable: f.Sort,
	}
	switch {
	case !f.Writable():
	case len(f.Set) > 0:
		info.Written = f.Set
	case n.Given:
		info.Written = []string{"update"}
	default:
		info.Written = []string{"create", "update"}
	}
	if f.Filter {
		info.Filters = append([]string{"eq"}, f.Ops()...)
	}
	return info
}

func orNull[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}

// zone is the organisation's zone.
func (s *server) zone(ctx context.Context) *time.Location {
	if name := s.ledger.Setting(ctx, "time_zone"); name != "" && name != "Local" {
		if z, err := time.LoadLocation(name); err == nil {
			return z
		}
	}
	return time.UTC
}
