package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/ledger"
)

// EventTypeList are the types of events.
type EventTypeList struct {
	// Data are the types, in the order of their names.
	Data []EventTypeInfo `json:"data"`
}

// EventTypeInfo is one type of events.
type EventTypeInfo struct {
	// Type is the type, as events and filters by types name it.
	Type string `json:"type" example:"stakeholder.created"`
	// Noun is the noun of the record that such an event is about.
	Noun string `json:"noun" example:"stakeholder"`
	// Description says what has happened.
	Description string `json:"description" example:"Somebody entered a stakeholder."`
	// Schema is the JSON Schema of such events.
	Schema map[string]any `json:"schema"`
	// Example is such an event.
	Example ledger.Event `json:"example"`
}

// eventTypes answers which types of events there are.
//
//	@ID			listEventTypes
//	@Summary	List the types of events
//	@Description	Every type of event with its JSON Schema and an example. More members and more types may come: ignore what you do not know. Any key may ask.
//	@Tags		Events
//	@Param		types	query	[]string	false	"event types, with * as a wildcard, such as complaint.*"	collectionFormat(csv)
//	@Success	200	{object}	EventTypeList
//	@Router		/event-types [get]
func (s *server) eventTypes(c echo.Context) error {
	values, err := params(c, "types")
	if err != nil {
		return err
	}
	types, err := readTypes(values)
	if err != nil {
		return err
	}
	list := EventTypeList{Data: []EventTypeInfo{}}
	for _, t := range ledger.EventTypes() {
		if t.Among(types) {
			list.Data = append(list.Data, EventTypeInfo{t.Type, t.Noun.Name, t.What, t.Schema(), t.Example(s.ledger.Base)})
		}
	}
	return s.send(c, http.StatusOK, list)
}
