package jobs

import (
	"context"
	"time"

	"rapport/internal/register"
)

// Depth is how many jobs wait that could be done, and since when the first does;
// running is how many are being done.
type Depth struct {
	Waiting, Running int64
	Oldest           time.Duration
}

// Depth looks how far behind the runners are.
func (r *Runner) Depth(ctx context.Context) (d Depth, err error) {
	var rows []struct {
		State  State
		Number int64
		Since  register.Instant
	}
	err = r.db.Look().ORM(ctx).Table("jobs").Select("state, count(*) AS number, min(run_at) AS since").
		Where("state IN ? AND run_at <= ?", []State{Queued, Running}, r.at()).Group("state").Find(&rows).Error
	for _, row := range rows {
		switch row.State {
		case Queued:
			d.Waiting, d.Oldest = row.Number, r.now().Sub(row.Since.Time())
		case Running:
			d.Running = row.Number
		}
	}
	return d, err
}
