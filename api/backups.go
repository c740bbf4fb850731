package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
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
	if err := s.ledger.MayLookAfter(authority.From(c.Request().Context())); err != nil {
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
