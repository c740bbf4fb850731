package store

import (
	"context"

	"rapport/internal/register"
)

// SecurityLine is something that was noticed within one hour, and how often.
type SecurityLine struct {
	ID      string
	Hour    register.Instant // the hour's beginning
	Kind    string
	Code    string // the problem's; "" where there was none
	KeyID   string // "" where no key of ours was used
	Address string

	IdentityID string // "" where no token was taken for one
	Times      int64
	First      register.Instant
	Last       register.Instant
}

// PutSecurity adds what was noticed to the lines of its hour.
func (tx *Tx) PutSecurity(ctx context.Context, lines []SecurityLine) error {
	for i := range lines {
		l := &lines[i]
		if _, err := tx.exec(ctx, "INSERT INTO security_log (id, hour, kind, code, key_id, identity_id, address, times, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "+
			"ON CONFLICT (hour, kind, code, key_id, identity_id, address) DO UPDATE SET times = security_log.times + excluded.times, last_at = excluded.last_at",
			l.ID, string(l.Hour), l.Kind, l.Code, l.KeyID, l.IdentityID, l.Address, l.Times, string(l.First), string(l.Last)); err != nil {
			return err
		}
	}
	return nil
}

// SecurityQuery says which lines of the security log to read.
type SecurityQuery struct {
	Kind, KeyID, IdentityID string // "" = all
	Before                  string // the id after which a page goes on; "" = the newest
	Limit                   int
}

// Security reads the security log, the newest first.
func (tx *Tx) Security(ctx context.Context, q SecurityQuery) (lines []SecurityLine, err error) {
	err = tx.each(ctx, 10, func(r register.Row) error {
		l := SecurityLine{
			ID: string(r[0]), Hour: register.Instant(r[1]), Kind: string(r[2]), Code: string(r[3]), KeyID: string(r[4]), Address: string(r[5]),
			First: register.Instant(r[7]), Last: register.Instant(r[8]), IdentityID: string(r[9]),
		}
		for _, digit := range r[6] {
			l.Times = l.Times*10 + int64(digit-'0')
		}
		lines = append(lines, l)
		return nil
	}, "SELECT id, hour, kind, code, key_id, address, times, first_at, last_at, identity_id FROM security_log "+
		"WHERE (? = '' OR kind = ?) AND (? = '' OR key_id = ?) AND (? = '' OR identity_id = ?) AND (? = '' OR id < ?) ORDER BY id DESC"+upTo(q.Limit),
		q.Kind, q.Kind, q.KeyID, q.KeyID, q.IdentityID, q.IdentityID, q.Before, q.Before)
	return lines, err
}

// MostSecurityLines bounds the security log, whatever is tried.
const MostSecurityLines = 50_000

// ForgetSecurity removes some of the lines from before since, and of those beyond
// what is kept at most; it returns how many.
func (db *DB) ForgetSecurity(ctx context.Context, since register.Instant, most int) (gone int64, err error) {
	err = db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		old, err := tx.exec(ctx, "DELETE FROM security_log WHERE id IN (SELECT id FROM security_log WHERE hour < ? ORDER BY id LIMIT 500)", string(since))
		if err != nil {
			return err
		}
		gone, err = tx.exec(ctx, "DELETE FROM security_log WHERE id IN (SELECT id FROM security_log ORDER BY id DESC LIMIT 500 OFFSET ?)", most)
		gone += old
		return err
	})
	return gone, err
}
