package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"rapport/internal/store"
)

type doctor struct{}

// scarce is how little free disk a register should not be run with.
const scarce = 256 << 20

// errUnwell says that something was found; what it was is printed already.
var errUnwell = errors.New("something is wrong: see the lines above")

// examination prints one line for each thing looked at.
type examination struct {
	out
	unwell bool
}

func (e *examination) line(what string, err error, well string) bool {
	if err != nil {
		e.unwell = true
		e.printf("WRONG  %-14s %v", what, err)
		return false
	}
	e.printf("ok     %-14s %s", what, well)
	return true
}

// Run looks at everything that can be wrong with an installation. It changes
// nothing and works beside a running server.
func (doctor) Run(c *config, o out) error {
	slog.SetDefault(c.logger(slog.LevelError))
	if err := c.present(); err != nil {
		return err
	}
	e := &examination{out: o}
	c.examine(context.Background(), e)
	if e.unwell {
		return errUnwell
	}
	return nil
}

func (c *config) examine(ctx context.Context, e *examination) {
	e.line("settings", nil, "all valid")
	s, err := c.findSecret(false)
	if err == nil {
		err = c.secretIsPrivate()
	}
	e.line("secret", err, c.secretPlace())
	e.line("disk", c.diskLeft(), "enough left")
	sc := c.store(s)
	sc.Beside, sc.Plan = true, true
	db, err := store.Open(ctx, sc)
	if !e.line("database", err, "opens; journal, durability and foreign keys as they must be") {
		return
	}
	defer func() { _ = db.Close() }() // it only read
	if !c.examineSchema(ctx, e, db) {
		return
	}
	e.line("pages", db.QuickCheck(ctx), db.Version(ctx))
	files, err := db.Files().Check(ctx)
	e.line("files", err, fmt.Sprintf("%d contents of attachments are in their places", files))
	c.examineChain(ctx, e, db)
	c.examineGovernance(ctx, e, db)
}

func (c *config) examineSchema(ctx context.Context, e *examination, db *store.DB) bool {
	pending, err := db.Pending(ctx)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("%d migrations are pending: rapport migrate applies them, or the next start of rapport serve", len(pending))
	}
	version, _ := db.SchemaVersion(ctx)
	return e.line("schema", err, fmt.Sprint("version ", version))
}

// examineChain verifies the whole chain, which tells too whether the secret is
// the one that it was sealed with, and compares the head that was exported.
func (c *config) examineChain(ctx context.Context, e *examination, db *store.DB) {
	head, err := db.ChainHead(ctx)
	if err == nil {
		err = db.VerifyChain(ctx, 1, head.Seq)
	}
	e.line("chain", err, fmt.Sprintf("%d links hold; the secret fits", head.Seq))
	exported, err := store.ReadHead(filepath.Join(c.Data, store.HeadFile))
	if err == nil {
		err = db.HoldsHead(ctx, exported)
	}
	well := "none exported yet"
	if exported.Seq > 0 {
		well = fmt.Sprintf("number %d, exported at %s, is in its place", exported.Seq, exported.At)
	}
	e.line("chain head", err, well)
}

// secretIsPrivate refuses a secret that other people of the machine can read.
func (c *config) secretIsPrivate() error {
	if c.Secret != "" {
		return nil
	}
	path := filepath.Join(c.Data, "secret")
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s can be read by others (mode %04o): chmod 600", path, mode)
	}
	return nil
}

func (c *config) diskLeft() error {
	free, err := store.FreeDisk(c.Data)
	if err == nil && free < scarce {
		err = fmt.Errorf("only %d MiB are left under %s", free>>20, c.Data)
	}
	return err
}
