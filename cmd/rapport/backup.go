package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"rapport/internal/ledger"
	"rapport/internal/secret"
	"rapport/internal/store"
)

type backup struct {
	Out string `help:"The file to make; it must not be there yet." required:"" placeholder:"FILE"`
}

// Run copies the register into one file and checks the copy.
func (b *backup) Run(c *config, o out) error {
	if c.DatabaseURL != "" {
		return fmt.Errorf("a register in PostgreSQL is copied by PostgreSQL's own tool: pg_dump --format=custom --file=%s \"$RAPPORT_DATABASE_URL\", and restored by pg_restore; copy the folder %s/files with it, which holds the attachments", b.Out, c.Data)
	}
	return c.beside(func(ctx context.Context, l *ledger.Ledger) error {
		m, err := l.DB.Backup(ctx, b.Out)
		if err != nil {
			return err
		}
		line, err := json.Marshal(m)
		if err != nil {
			return err
		}
		o.printf("%s", line)
		fmt.Fprintf(c.stderr, "The backup was read back and is sound: %d entries, chain head %d, and %s. It does not hold the installation's secret (%s): keep that elsewhere, without it the chain cannot be verified.\n",
			m.Entries, m.Head.Seq, attached(m, b.Out), c.secretPlace())
		return nil
	})
}

// attached says where the attachments of a backup lie.
func attached(m store.Manifest, file string) string {
	if m.Files == 0 {
		return "no attachments"
	}
	return fmt.Sprintf("%d files of attachments in the folder %s.files beside it", m.Files, file)
}

func (c *config) secretPlace() string {
	if c.Secret != "" {
		return "RAPPORT_SECRET"
	}
	return c.Data + "/secret"
}

type restore struct {
	File         string `arg:"" help:"The backup." type:"existingfile"`
	Check        bool   `help:"Only check it: that it is sound and that the present secret fits."`
	DespiteChain bool   `help:"Restore although the chain of entries does not hold under the present secret."`
}

// Run checks a backup and puts it in the register's place, and what was there aside.
func (r *restore) Run(c *config, o out) error {
	if c.DatabaseURL != "" {
		return errors.New("a register in PostgreSQL is restored by PostgreSQL's own tool, pg_restore; then run rapport doctor")
	}
	s, err := c.findSecret(false)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no secret in %s, without which nobody can tell whether the chain of entries holds: put the file secret of the register that was backed up there first, readable by you alone, or set RAPPORT_SECRET", c.Data)
	}
	if err != nil {
		return err
	}
	m, err := store.Inspect(context.Background(), r.File, s.Key(secret.Chain))
	var chain *store.ChainError
	switch {
	case errors.As(err, &chain) && r.DespiteChain && !r.Check:
		fmt.Fprintln(c.stderr, "rapport: warning:", err)
	case errors.As(err, &chain):
		return fmt.Errorf("%w (the secret was taken from %s)", err, c.secretPlace())
	case err != nil:
		return fmt.Errorf("the backup %s is not good: %w", r.File, err)
	default:
		o.printf("%s is sound: schema %d, %d entries up to %s, chain head %d, %d files of attachments; the present secret fits", r.File, m.SchemaVersion, m.Entries, m.Head.At, m.Head.Seq, m.Files)
	}
	if r.Check {
		return nil
	}
	aside, err := store.Replace(c.Data, r.File, clock())
	if err != nil {
		return err
	}
	if aside == "" {
		o.printf("restored into %s", c.Data)
		return nil
	}
	o.printf("restored into %s; what was there before lies in %s", c.Data, aside)
	return nil
}
