package testkit

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes and drops databases

	"rapport/internal/secret"
	"rapport/internal/store"
)

var databases atomic.Int64

// freshPostgres clones a database that was migrated and filled once.
func freshPostgres(t testing.TB, base string, clock *Clock) store.Config {
	t.Helper()
	template, err := postgresTemplate()
	if err != nil {
		t.Fatalf("make the template: %v", err)
	}
	name := fmt.Sprintf("rapport_test_%d_%d", os.Getpid(), databases.Add(1))
	if err := admin(base, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatalf("clone the template: %v", err)
	}
	t.Cleanup(func() {
		if err := admin(base, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Logf("drop %s: %v", name, err)
		}
	})
	return store.Config{Dir: t.TempDir(), URL: in(base, name), ChainKey: sub(secret.Chain), Now: clock.Now}
}

// EmptyPostgres is the URL of a fresh database with nothing in it.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	base := os.Getenv("RAPPORT_TEST_POSTGRES")
	name := fmt.Sprintf("rapport_empty_%d_%d", os.Getpid(), databases.Add(1))
	if err := admin(base, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := admin(base, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Logf("drop %s: %v", name, err)
		}
	})
	return in(base, name)
}

var postgresTemplate = sync.OnceValues(func() (string, error) {
	base := os.Getenv("RAPPORT_TEST_POSTGRES")
	name := fmt.Sprintf("rapport_template_%d", os.Getpid())
	if err := admin(base, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	return name, fill(store.Config{URL: in(base, name)})
})

// in is the URL of another database of the same server.
func in(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	u.Path = "/" + name
	return u.String()
}

// cloning keeps two tests of a process from cloning at once, which PostgreSQL refuses.
var cloning sync.Mutex

func admin(base, query string) error {
	cloning.Lock()
	defer cloning.Unlock()
	db, err := sql.Open("pgx", base)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.Exec(query)
	return err
}
