package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// SecurityEvent is what was noticed within an hour of one kind, key or identity, and address.
type SecurityEvent struct {
	// ID is the line's id.
	ID string `json:"id" format:"uuid"`
	// Hour is the beginning of the hour.
	Hour string `json:"hour" format:"date-time"`
	// Kind says what was noticed: a key from an address that it was not last used from, a key or a token that was not taken, or a refusal.
	Kind string `json:"kind" enums:"key_first_used,refused,sign_in_failed,token_failed"`
	// Code is the problem that was answered, null where none was.
	Code *string `json:"code" extensions:"x-nullable" example:"unauthenticated"`
	// KeyID is the key's id, null where it was none of ours.
	KeyID *string `json:"key_id" extensions:"x-nullable"`
	// Key is how the key is called, null where it was none of ours.
	Key *Ref `json:"key" extensions:"x-nullable"`
	// IdentityID is the identity for which a token came, null where none did.
	IdentityID *string `json:"identity_id" extensions:"x-nullable"`
	// Identity is whose token it was, null where none came.
	Identity *Ref `json:"identity" extensions:"x-nullable"`
	// Address is where it came from; of IPv6 the network; null where many were counted together.
	Address *string `json:"address" extensions:"x-nullable" example:"203.0.113.9"`
	// Times is how often.
	Times int64 `json:"times"`
	// FirstAt is when it was first noticed.
	FirstAt string `json:"first_at" format:"date-time"`
	// LastAt is when it was last noticed.
	LastAt string `json:"last_at" format:"date-time"`
}

// SecurityPage is a page of the security log.
type SecurityPage struct {
	// Data are the lines, newest first.
	Data []SecurityEvent `json:"data"`
	// Page says where the log goes on.
	Page pageInfo `json:"page"`
}

// security answers the security log.
//
//	@ID			listSecurityEvents
//	@Summary	Read the security log
//	@Description	Keys first used from an address, keys that were not taken and refusals, counted by the hour; newest first, kept for 90 days. Takes the role admin or level 7. The key needs the scope admin:read.
//	@Tags		Audit
//	@Param		kind	query	string	false	"only these"	Enums(key_first_used,refused,sign_in_failed,token_failed)
//	@Param		key_id	query	string	false	"only those of this key, by its id or ref"
//	@Param		identity_id	query	string	false	"only those of this identity, by its id or ref"
//	@Param		limit	query	int		false	"lines on a page"	minimum(1)	maximum(200)
//	@Param		cursor	query	string	false	"the page to read"
//	@Success	200	{object}	SecurityPage
//	@Router		/audit/security [get]
func (s *server) security(c echo.Context) error {
	values, err := params(c, "kind", "key_id", "identity_id", "limit", "cursor")
	if err != nil {
		return err
	}
	q := store.SecurityQuery{Kind: values.Get("kind")}
	if q.Kind != "" && !slices.Contains(ledger.SecurityKinds, q.Kind) {
		f := invalid("kind", "kind is one of %s.", strings.Join(ledger.SecurityKinds, ", "))
		f.Fields[0].Code, f.Fields[0].Suggestion = "not_in_enum", fault.Nearest(q.Kind, ledger.SecurityKinds)
		return f
	}
	ctx := c.Request().Context()
	if q.KeyID, err = s.named(ctx, register.APIKeys, values, "key_id"); err != nil {
		return err
	}
	if q.IdentityID, err = s.named(ctx, register.Identities, values, "identity_id"); err != nil {
		return err
	}
	if q.Limit, err = readLimit(values); err != nil {
		return err
	}
	if q.Before, err = readPlace(s.cursorKey, values); err != nil {
		return err
	}
	info := pageInfo{Limit: q.Limit}
	q.Limit++
	lines, labels, err := s.ledger.Security(ctx, q)
	if err != nil {
		return err
	}
	if info.HasMore = len(lines) > info.Limit; info.HasMore {
		lines = lines[:info.Limit]
		next := cursor{V: 1, D: "n", S: "-id", K: []any{nil, lines[len(lines)-1].ID}, F: filterDigest(values)}.sign(s.cursorKey)
		link := s.link(c, values, next)
		info.NextCursor, info.Next = &next, &link
	}
	page := SecurityPage{Data: make([]SecurityEvent, 0, len(lines)), Page: info}
	for _, l := range lines {
		page.Data = append(page.Data, securityEvent(l, labels))
	}
	return s.send(c, http.StatusOK, page)
}

func securityEvent(l store.SecurityLine, labels register.Labels) SecurityEvent {
	return SecurityEvent{
		ID: l.ID, Hour: string(l.Hour), Kind: l.Kind, Code: orNull(l.Code), Address: orNull(l.Address),
		KeyID: orNull(l.KeyID), Key: refTo(l.KeyID, labels["api_key"]), IdentityID: orNull(l.IdentityID), Identity: refTo(l.IdentityID, labels["identity"]),
		Times: l.Times, FirstAt: string(l.First), LastAt: string(l.Last),
	}
}

// refTo is how a record is called; nil for none.
func refTo(id string, labels map[string]register.Label) *Ref {
	if id == "" {
		return nil
	}
	ref := &Ref{ID: id}
	if label, seen := labels[id]; seen {
		ref.Ref, ref.Name = &label.Ref, &label.Name
	}
	return ref
}

// noteRefusal tells the security log of a known caller who was refused.
func (s *server) noteRefusal(c echo.Context, err error) {
	if err == nil {
		return
	}
	if code := fault.Of(err).Code; kinds[code].status == http.StatusForbidden {
		actor := authority.From(c.Request().Context())
		s.ledger.Notice(ledger.Noticed{Kind: ledger.Refused, Code: string(code), KeyID: actor.KeyID, IdentityID: actor.IdentityID, Address: network(c.RealIP())})
	}
}
