package testkit

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes and drops databases

	"rapport/internal/secret"
	"rapport/internal/store"
)

// began is in the names of a process's databases, so that what one that was ended
// left behind is known by its age.
var began = time.Now().Unix()

var databases atomic.Int64

func databaseName(use string) string {
	return fmt.Sprintf("rapport_%s_%d_%d_%d", use, began, os.Getpid(), databases.Add(1))
}

// freshPostgres is a clone of a database that was migrated and filled once. The
// next one is made while tests run, and they do not wait for old ones to go.
func freshPostgres(t testing.TB, base string, clock *Clock) store.Config {
	t.Helper()
	c := <-clones()
	if c.err != nil {
		t.Fatalf("clone the template: %v", c.err)
	}
	t.Cleanup(func() { dropBehind(t, c.name) })
	return store.Config{Dir: t.TempDir(), URL: in(base, c.name), ChainKey: sub(secret.Chain), Now: clock.Now}
}

type clone struct {
	name string
	err  error
}

// clonedAtOnce is how many clones are made at a time: the server mostly waits for files
// while it makes one.
const clonedAtOnce = 3

// clones are clones of the template, some of which are always ready.
var clones = sync.OnceValue(func() <-chan clone {
	ready := make(chan clone)
	for range clonedAtOnce {
		go func() {
			for {
				ready <- newClone()
			}
		}()
	}
	return ready
})

func newClone() clone {
	template, err := postgresTemplate()
	c := clone{databaseName("test"), err}
	if err == nil {
		c.err = admin("CREATE DATABASE " + c.name + " TEMPLATE " + template)
	}
	return c
}

// dropping lets one database be dropped at a time, behind the tests' backs.
var dropping sync.Mutex

func dropBehind(t testing.TB, name string) {
	dropping.Lock()
	go func() {
		defer dropping.Unlock()
		if err := admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			fmt.Fprintf(os.Stderr, "%s: drop %s: %v\n", t.Name(), name, err)
		}
	}()
}

// EmptyPostgres is the URL of a fresh database with nothing in it.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	name := databaseName("empty")
	if err := admin("CREATE DATABASE " + name); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() { dropBehind(t, name) })
	return in(os.Getenv("RAPPORT_TEST_POSTGRES"), name)
}

var postgresTemplate = sync.OnceValues(func() (string, error) {
	if err := sweep(); err != nil {
		return "", err
	}
	name := databaseName("template")
	if err := admin("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	return name, fill(store.Config{URL: in(os.Getenv("RAPPORT_TEST_POSTGRES"), name)})
})

// sweep drops what processes of hours ago left behind: a process ends with its
// template and with a few clones that nobody asked for.
func sweep() error {
	db, err := server()
	if err != nil {
		return err
	}
	var old string
	const query = `SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database WHERE datname ~ '^rapport_(test|empty|template)_[0-9]{10}_[0-9]+_[0-9]+$' AND split_part(datname, '_', 3)::bigint < $1`
	if err := db.QueryRow(query, began-int64(2*time.Hour/time.Second)).Scan(&old); err != nil {
		return err
	}
	for _, name := range strings.Fields(old) {
		_ = admin("DROP DATABASE IF EXISTS " + name) // another process may do so too
	}
	return nil
}

// in is the URL of another database of the same server.
func in(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	u.Path = "/" + name
	return u.String()
}

// server is where databases are made and dropped.
var server = sync.OnceValues(func() (*sql.DB, error) {
	return sql.Open("pgx", os.Getenv("RAPPORT_TEST_POSTGRES"))
})

func admin(query string) error {
	db, err := server()
	if err != nil {
		return err
	}
	_, err = db.Exec(query)
	return err
}
