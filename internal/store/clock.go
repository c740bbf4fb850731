package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"rapport/internal/register"
)

// Clock is one time limit of a record as it stands. Empty texts stand for nothing.
type Clock struct {
	Kind          string
	RecordID      string
	Name          string
	Calendar      string           // by which it runs
	StartedAt     register.Instant // from when it is reckoned
	PausedAt      register.Instant // since when it stands still
	PausedDays    int              // for how long it stood still before that
	PausedMinutes int
	DueOn         register.Date
	DueAt         register.Instant
	WarnedFor     register.Instant // the end of which people were warned
	ToldFor       register.Instant // the end that was told when it was over
	ActAt         register.Instant // when there is something to do about it
	StoppedAt     register.Instant
}

const clockColumns = "kind, record_id, name, calendar, started_at, paused_at, paused_days, paused_minutes, due_on, due_at, warned_for, told_for, act_at, stopped_at"

// Clocks reads the clocks of a record.
func (tx *Tx) Clocks(ctx context.Context, kind, id string) ([]Clock, error) {
	if all, known := tx.held.clocks[clocksKey(kind, id)]; known {
		return slices.Clone(all), nil
	}
	all, err := tx.clocks(ctx, "WHERE kind = ? AND record_id = ? ORDER BY name", kind, id)
	if err == nil {
		tx.holdClocks(kind, id, all)
	}
	return all, err
}

// Clock reads how a clock of a record stands now; without a moment to act if it is
// there no more.
func (tx *Tx) Clock(ctx context.Context, k Clock) (Clock, error) {
	all, err := tx.Clocks(ctx, k.Kind, k.RecordID)
	at := slices.IndexFunc(all, func(c Clock) bool { return c.Name == k.Name })
	if err != nil || at < 0 {
		return Clock{}, err
	}
	return all[at], nil
}

// DueClocks reads the clocks about which there is something to do by now, the
// earliest first.
func (tx *Tx) DueClocks(ctx context.Context, now register.Instant, most int) ([]Clock, error) {
	return tx.clocks(ctx, "WHERE act_at <> '' AND act_at <= ? ORDER BY act_at"+upTo(most), string(now))
}

// Running are the ids of a noun's records that have clocks which have not stopped, in
// their order and from after one of them on.
func (tx *Tx) Running(ctx context.Context, kind, after string, most int) (ids []string, err error) {
	err = tx.each(ctx, 1, func(r register.Row) error {
		ids = append(ids, string(r[0]))
		return nil
	}, "SELECT DISTINCT record_id FROM clocks WHERE kind = ? AND record_id > ? AND stopped_at = '' ORDER BY record_id"+upTo(most), kind, after)
	return ids, err
}

// RunningOf reads the clocks of records of a noun that have not stopped.
func (tx *Tx) RunningOf(ctx context.Context, kind string, ids []string) ([]Clock, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := []any{kind}
	for _, id := range ids {
		args = append(args, id)
	}
	return tx.clocks(ctx, "WHERE kind = ? AND record_id IN ("+marks(len(ids))+") AND stopped_at = '' ORDER BY record_id, name", args...)
}

func (tx *Tx) clocks(ctx context.Context, which string, args ...any) (found []Clock, err error) {
	err = tx.each(ctx, 14, func(r register.Row) error {
		at := func(i int) register.Instant { return register.Instant(r[i]) }
		days, err := strconv.Atoi(string(r[6]))
		if err != nil {
			return err
		}
		minutes, err := strconv.Atoi(string(r[7]))
		found = append(found, Clock{
			string(r[0]), string(r[1]), string(r[2]), string(r[3]), at(4), at(5), days, minutes,
			register.Date(r[8]), at(9), at(10), at(11), at(12), at(13),
		})
		return err
	}, "SELECT "+clockColumns+" FROM clocks "+which, args...)
	return found, err
}

var clocksOutlet = outletOf("clocks", clockColumns, " ON CONFLICT (kind, record_id, name) DO UPDATE SET "+
	"calendar = excluded.calendar, started_at = excluded.started_at, paused_at = excluded.paused_at, paused_days = excluded.paused_days, "+
	"paused_minutes = excluded.paused_minutes, due_on = excluded.due_on, due_at = excluded.due_at, warned_for = excluded.warned_for, "+
	"told_for = excluded.told_for, act_at = excluded.act_at, stopped_at = excluded.stopped_at")

// PutClock keeps a clock as it stands now.
func (tx *Tx) PutClock(ctx context.Context, k Clock) error {
	err := tx.put(ctx, clocksOutlet, k.Kind+" "+k.RecordID+" "+k.Name,
		k.Kind, k.RecordID, k.Name, k.Calendar, string(k.StartedAt), string(k.PausedAt), k.PausedDays, k.PausedMinutes,
		string(k.DueOn), string(k.DueAt), string(k.WarnedFor), string(k.ToldFor), string(k.ActAt), string(k.StoppedAt))
	if err != nil {
		return fmt.Errorf("keep the clock %s of %s %s: %w", k.Name, k.Kind, k.RecordID, err)
	}
	tx.holdClock(k)
	return nil
}
