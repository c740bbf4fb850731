package ledger

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
)

// successors finds those who take over, and refuses who cannot.
func (c *change) successors(ctx context.Context, h *Handover) error {
	var faults fault.Fields
	to, err := c.successor(ctx, h.FromID, "#/to_id", &h.ToID, &faults)
	if err != nil {
		return err
	}
	if h.ToID == "" {
		faults.At("#/to_id", "required", "Say who takes over: to_id is required.")
	}
	if _, err := c.successor(ctx, h.FromID, "#/spoc_to_id", &h.SpocToID, &faults); err != nil {
		return err
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return register.PointPasses(ctx, h.FromID, to, c.look())
}

// successor is the person named at pointer, whose id takes the name's place; nil if
// nobody is named, or nobody who can take over.
func (c *change) successor(ctx context.Context, from, pointer string, named *string, faults *fault.Fields) (*register.User, error) {
	if *named == "" {
		return nil, nil
	}
	row, err := c.find(ctx, c.tx, register.Users, *named)
	if fault.Is(err, fault.NotFound) {
		faults.At(pointer, "reference_not_found", "%s: there is no such user.", register.Spoken(pointer))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rec, err := register.Users.Load(row)
	if err != nil {
		return nil, err
	}
	u := rec.(*register.User)
	*named = u.ID
	if u.ID == from || u.State != "active" || u.DeletedAt != "" {
		faults.At(pointer, "conflicts_with", "%s: the successor is somebody else, who has access.", register.Spoken(pointer))
	} else if u.Level() == authority.None {
		faults.At(pointer, "conflicts_with", "%s: the successor needs a level, for whoever is responsible for a record sees it and works on it.", register.Spoken(pointer))
	}
	return u, nil
}
