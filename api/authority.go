package api

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// Simulation asks whether somebody might do something.
type Simulation struct {
	// UserID is the person asked about; leave it out to ask about a level.
	UserID *string `json:"user_id" extensions:"x-nullable" example:"USR-3"`
	// Level is the level asked about, 4 to 7; null for none.
	Level *int `json:"level" extensions:"x-nullable" example:"4"`
	// Action is a noun and what is done.
	Action string `json:"action" example:"stakeholder.qualify"`
	// Record is the record's id or ref; null for none in particular.
	Record *string `json:"record" extensions:"x-nullable" example:"STK-7"`
}

// simulate answers what would come of an action.
//
//	@ID			simulateAuthority
//	@Summary	Ask who may do what
//	@Description	Tells whether a person, or a level, may do something, which level it takes and why, without doing it.
//	@Tags		Authority
//	@Param		body	body	Simulation	true	"the question"
//	@Success	200	{object}	ledger.Judgement
//	@Router		/authority/simulate [post]
func (s *server) simulate(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	var faults fault.Fields
	known := []string{"user_id", "level", "action", "record"}
	for _, m := range body {
		if !contains(known, m.Name) {
			register.Unknown(&faults, "#", m.Name, func() []string { return known })
		}
	}
	var ask Simulation
	if err := json.Unmarshal(raw, &ask); err != nil {
		faults.At("#", "invalid_type", "user_id, action and record take text, level takes a number.")
	}
	if ask.Action == "" {
		faults.At("#/action", "required", "action is required.")
	}
	q := ledger.Question{Action: ask.Action}
	if ask.Level != nil {
		q.Level = authority.Level(*ask.Level)
		if !q.Level.Valid() {
			faults.At("#/level", "out_of_range", "level is 4 to 7, or null.")
		}
	}
	if ask.Level != nil && ask.UserID != nil {
		faults.At("#/level", "conflicts_with", "level: ask about a person, or about a level.")
	}
	if ask.UserID != nil {
		q.UserID = *ask.UserID
	}
	if ask.Record != nil {
		q.Record = *ask.Record
	}
	if err := faults.Err(); err != nil {
		return err
	}
	judgement, err := s.ledger.Simulate(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, judgement)
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}
