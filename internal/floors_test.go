package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// floors are the packages from the ground up: each imports only what lies below.
// The packages of one entry do not know each other.
var floors = [][]string{
	{"internal/calendar", "internal/fault", "internal/fold", "internal/secret", "internal/measure", "internal/tabular"},
	{"internal/authority", "internal/issuer"},
	{"internal/flow"},
	{"internal/register"},
	{"internal/store", "internal/exports"},
	{"internal/jobs"},
	{"internal/ledger"},
	{"internal/imports"},
	{"api", "seeds"},
	{"cmd"},
}

// alone are libraries that only one package may know.
var alone = map[string]string{
	"github.com/labstack/echo": "api", "github.com/rickar/cal": "internal/calendar", "gorm.io/": "internal/store", "github.com/mattn/go-sqlite3": "internal/store", "github.com/jackc/pgx": "internal/store",
	"github.com/go-jose/": "internal/issuer",
}

func floorOf(pkg string) int {
	return slices.IndexFunc(floors, func(f []string) bool {
		return slices.ContainsFunc(f, func(p string) bool { return pkg == p || p == "cmd" && strings.HasPrefix(pkg, "cmd/") })
	})
}

// Data flows down the floors and comes back as a return value: no package knows
// one that stands above it.
func TestFloors(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == "tools" || d.Name() == ".git") {
			return filepathSkip(err)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		pkg := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), "../"))
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			check(t, pkg, path, strings.Trim(i.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func filepathSkip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}

func check(t *testing.T, pkg, path, imported string) {
	t.Helper()
	for library, owner := range alone {
		if strings.HasPrefix(imported, library) && pkg != owner && pkg != "internal/testkit" && !strings.HasPrefix(pkg, "internal/bench") {
			t.Errorf("%s imports %s, which only %s may know", path, imported, owner)
		}
	}
	inner, ours := strings.CutPrefix(imported, "rapport/")
	if !ours || pkg == "internal/testkit" || floorOf(pkg) < 0 || floorOf(inner) < 0 {
		return
	}
	if floorOf(inner) >= floorOf(pkg) && inner != pkg {
		t.Errorf("%s imports %s, which does not lie below it", path, inner)
	}
}
