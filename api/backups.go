package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/jobs"
	"rapport/internal/store"
)

// Backup is a copy of the register that was checked when it was made.
type Backup struct {
	// File is the copy's name in the folder of backups.
	File string `json:"file" example:"rapport-20261122T090000Z.db"`
	// Bytes is its size.
	Bytes int64 `json:"bytes" example:"1048576"`
	// SHA256 is its digest.
	SHA256 string `json:"sha256"`
	// SchemaVersion is the number of the last migration in it.
	SchemaVersion int64 `json:"schema_version"`
	// Entries is the number of entries in it.
	Entries int64 `json:"entries"`
	// ChainSeq is the number of its last sealed entry.
	ChainSeq int64 `json:"chain_seq"`
	// MadeAt is when it was made.
	MadeAt string `json:"made_at" format:"date-time"`
}

// BackupList is every copy there is.
type BackupList struct {
	// Data are the copies, newest first.
	Data []Backup `json:"data"`
	// EverySeconds is how often one is made; 0 for never.
	EverySeconds int64 `json:"every_seconds" example:"86400"`
	// Keep is how many are kept.
	Keep int `json:"keep" example:"7"`
	// Failures is how often making one failed since the start.
	Failures int64 `json:"failures"`
	// Failing says whether the last try failed; the log has why.
	Failing bool `json:"failing"`
}

// backupKind is the kind of job that makes a backup.
const backupKind = "backup"

// askBackup has a copy made now.
//
//	@ID			createBackup
//	@Summary	Make a backup now
//	@Description	A job copies the register into the folder of backups, beside the requests, and checks the copy; older ones beyond those kept are removed. With PostgreSQL there is none to make: it has its own tools. Takes no body, and the role admin or level 7. The key needs the scope admin:act.
//	@Tags		Operations
//	@Param		Prefer			header	string	false	"wait=n, in seconds"
//	@Param		Idempotency-Key	header	string	false	"makes repeating safe"
//	@Success	200	{object}	Job
//	@Success	202	{object}	Job
//	@Failure	404	{object}	ProblemDetails
//	@Router		/backups [post]
func (s *server) askBackup(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	if err := noBody(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.ledger.MayLookAfter(authority.From(ctx), authority.Act); err != nil {
		return err
	}
	if s.config.Backups == nil || s.config.Jobs == nil {
		return fault.New(fault.NotFound, "This register is copied by its database's own tools.")
	}
	ask, err := asked(c, nil)
	if err != nil {
		return err
	}
	o := jobs.Order{Kind: backupKind, Args: struct{}{}, ResultURL: s.ledger.Base + "/backups"}
	if ask.IdempotencyKey != "" {
		o.UniqueKey = backupKind + ":" + ask.IdempotencyKey
	}
	var j jobs.Job
	err = s.ledger.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		j, err = s.config.Jobs.Enqueue(ctx, tx, o)
		return err
	})
	if err != nil {
		return err
	}
	return s.accepted(c, j, func() (any, error) {
		now, err := s.config.Jobs.Get(ctx, j.ID)
		return s.job(ctx, now), err
	})
}

// backUp is the job behind askBackup.
func (s *server) backUp(ctx context.Context, _ *jobs.Run) error {
	_, err := s.config.Backups.Make(ctx)
	return err
}

// listBackups answers what copies there are.
//
//	@ID			listBackups
//	@Summary	List backups
//	@Description	The copies in the folder of backups with what was found when each was checked; they are fetched and restored on the machine itself. Empty with PostgreSQL, which has its own tools. Takes the role admin or level 7. The key needs the scope admin:read.
//	@Tags		Operations
//	@Success	200	{object}	BackupList
//	@Router		/backups [get]
func (s *server) listBackups(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	if err := s.ledger.MayLookAfter(authority.From(c.Request().Context()), authority.Read); err != nil {
		return err
	}
	out := BackupList{Data: []Backup{}}
	if b := s.config.Backups; b != nil {
		all, err := b.List()
		if err != nil {
			return err
		}
		for _, m := range all {
			out.Data = append(out.Data, Backup{m.File, m.Bytes, m.SHA256, m.SchemaVersion, m.Entries, m.Head.Seq, string(m.MadeAt)})
		}
		_, failures, failed := b.State()
		out.EverySeconds, out.Keep, out.Failures, out.Failing = int64(b.Every.Seconds()), b.Keep, failures, failed != nil
	}
	return s.send(c, http.StatusOK, out)
}
