package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// HandoverOrder says who takes over what somebody answers for.
type HandoverOrder struct {
	// ToID is the person who takes over, by id or ref.
	ToID string `json:"to_id" example:"USR-5"`
	// SpocToID is who becomes the single point of contact instead; null for the same person.
	SpocToID *string `json:"spoc_to_id" extensions:"x-nullable"`
	// Reason says why.
	Reason string `json:"reason" example:"Ana moves to another house."`
}

// HandoverList are the handovers of a person.
type HandoverList struct {
	// Data are the handovers that ended, newest first.
	Data []ledger.HandoverLine `json:"data"`
}

// handoverKind is the kind of job that hands over.
const handoverKind = "handover"

// askHandover has everything that a person answers for moved to another.
//
//	@ID			createHandover
//	@Summary	Hand over what a person answers for
//	@Description	One job moves every record that is not at an end: ownerships, assignments as single point of contact, which the successor takes over without a gap, deputies, rungs of escalation ladders. Each record gets its entry. What a rule keeps, such as a senior stakeholder whose contact would lack the level, is listed in the result and left. Takes the role admin or level 7. With validate_only nothing is changed: the answer is what would be gone through and kept.
//	@Tags		Users
//	@Param		id				path	string			true	"the person's id or ref"
//	@Param		validate_only	query	boolean			false	"tell what would move, and move nothing"
//	@Param		body			body	HandoverOrder	true	"who takes over"
//	@Success	200	{object}	ledger.HandoverTrial
//	@Success	202	{object}	Job
//	@Router		/users/{id}/handovers [post]
func (s *server) askHandover(c echo.Context) error {
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	ask, err := asked(c, raw)
	if err != nil {
		return err
	}
	h := readHandover(body, raw)
	if ask.ValidateOnly {
		return s.tryHandover(c, h)
	}
	var j jobs.Job
	err = s.ledger.AskHandover(c.Request().Context(), c.Param("id"), h, func(ctx context.Context, tx *store.Tx, h ledger.Handover) (again bool, err error) {
		o := jobs.Order{Kind: handoverKind, Args: h, ResultURL: s.ledger.Base + "/users/" + h.FromID + "/handovers"}
		if ask.IdempotencyKey != "" {
			o.UniqueKey = handoverKind + ":" + ask.IdempotencyKey
		}
		if j, err = s.config.Jobs.Enqueue(ctx, tx, o); err != nil {
			return false, err
		}
		return askedBefore(j, h)
	})
	if err != nil {
		return err
	}
	out := s.job(c.Request().Context(), j)
	c.Response().Header().Set("Location", out.URL)
	return s.send(c, http.StatusAccepted, out)
}

// tryHandover answers what a handover would do.
func (s *server) tryHandover(c echo.Context, h ledger.Handover) error {
	trial, err := s.ledger.TryHandover(c.Request().Context(), c.Param("id"), h)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, trial)
}

// askedBefore tells whether a job is that of an earlier request under the same
// idempotency key, and refuses the key for another wish.
func askedBefore(j jobs.Job, h ledger.Handover) (bool, error) {
	var first ledger.Handover
	if err := json.Unmarshal([]byte(j.Args), &first); err != nil || first == h {
		return false, err
	}
	first.Cause = h.Cause
	if first != h {
		return false, fault.New(fault.IdempotencyKeyReused, "This Idempotency-Key was sent with another handover.")
	}
	return true, nil
}

func readHandover(body register.Body, raw []byte) (h ledger.Handover) {
	var faults fault.Fields
	known := []string{"to_id", "spoc_to_id", "reason"}
	for _, m := range body {
		name := m.Name
		if !contains(known, name) {
			register.Unknown(&faults, "#", name, func() []string { return known })
		}
	}
	var order HandoverOrder
	if json.Unmarshal(raw, &order) != nil {
		faults.At("#", "invalid_type", "to_id, spoc_to_id and reason take text.")
	}
	if order.ToID == "" {
		faults.At("#/to_id", "required", "Say who takes over: to_id is required.")
	}
	if order.Reason == "" {
		faults.At("#/reason", "required", "Say why: reason is required.")
	}
	if len(order.Reason) > 4000 {
		faults.At("#/reason", "too_long", "reason has at most 4000 characters.")
	}
	h = ledger.Handover{ToID: order.ToID, Reason: order.Reason, Wrong: faults.Err()}
	if order.SpocToID != nil {
		h.SpocToID = *order.SpocToID
	}
	return h
}

// handOver is the job behind askHandover.
func (s *server) handOver(ctx context.Context, run *jobs.Run) error {
	var h ledger.Handover
	if err := run.Arguments(&h); err != nil {
		return err
	}
	return s.ledger.HandOver(ctx, h, run.Done, run.Step)
}

// listHandovers answers what came of a person's handovers.
//
//	@ID			listHandovers
//	@Summary	List the handovers of a person
//	@Description	What was moved to whom, and which records a rule kept; newest first. Takes the role admin or level 7.
//	@Tags		Users
//	@Param		id	path	string	true	"the person's id or ref"
//	@Success	200	{object}	HandoverList
//	@Router		/users/{id}/handovers [get]
func (s *server) listHandovers(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	lines, err := s.ledger.Handovers(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, HandoverList{lines})
}
