package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// sqlAt says which argument of a call is SQL.
var sqlAt = map[string]int{
	"exec": 1, "query": 1, "one": 2, "each": 3, "clocks": 1, "entries": 1, "eachRaw": 1, "and": 0, // the store's own
	"ExecContext": 1, "QueryContext": 1, "QueryRowContext": 1, "PrepareContext": 1, // database/sql's
	"Exec": 0, "Raw": 0, "Where": 0, "Order": 0, "Select": 0, "Group": 0, "Table": 0, "Joins": 0, "Having": 0, "Pluck": 0, "Distinct": 0, "Or": 0, "Not": 0, // GORM's
}

// ownWords are what SQL may be put together of beside constants: names that the
// nouns declare, and what the store builds of them.
var ownWords = map[string]bool{"Table": true, "Column": true, "columns": true}

// trusted are the functions whose SQL is put together in a way that this test
// does not follow, each with the reason why no text of a request reaches it.
var trusted = map[string]string{
	"Tx.exec":    "hands on what it is given; its callers are looked at",
	"Tx.query":   "hands on what it is given; its callers are looked at",
	"Tx.settle":  "inserts into the tables of outlets, whose names and columns are constants",
	"Tx.put":     "inserts into the tables of outlets, whose names and columns are constants",
	"Tx.clocks":  "hands on what it is given; its callers are looked at",
	"Tx.each":    "hands on what it is given; its callers are looked at",
	"Tx.row":     "hands on what it is given; its callers are looked at",
	"Tx.one":     "hands on what it is given; its callers are looked at",
	"Tx.entries": "hands on what it is given; its callers are looked at",
	"group.exec": "hands on what it is given; its callers are looked at",

	"Tx.glancedAt":   "built by glanceSQL of a noun's columns, and operators and directions that the kind declares",
	"Tx.glanceSQL":   "columns, operators and directions that the kind declares; cursors give values alone",
	"segment.within": "columns, operators and directions that the kind declares; cursors give values alone",

	"asking.ExecContext":     "hands on what it is given; its callers are looked at",
	"asking.QueryContext":    "hands on what it is given; its callers are looked at",
	"asking.QueryRowContext": "hands on what it is given; its callers are looked at",

	"Tx.Entries":      "joins constant conditions",
	"Tx.Aggregate":    "columns of declared fields, and the conditions of where and of sight",
	"Tx.aggregateSQL": "conditions of sight, each with ? for its values",
	"Tx.EachGuarded":  "the columns of a noun, prepared once",
	"Tx.Newest":       "built by newestSQL of a noun's columns",
	"newestSQL":       "columns of declared fields that our own rules name",
	"Tx.AnyOf":        "built by newestSQL of columns that our own rules name",
	"Tx.Earlier":      "built by newestSQL of columns that our own rules name",
	"Tx.Token":        "the columns of tokens, which are constant",
	"Tx.TokensOf":     "the columns of tokens, which are constant",
	"Tx.Deeds":        "adds the condition of sight, which is built of constants",
	"Tx.Sealed":       "adds the condition of sight, which is built of constants",
	"Tx.index":        "built by indexSQL of a noun's table",
	"Tx.segment":      "built by segmentSQL of a noun's columns, and operators and directions that the kind declares",
	"Tx.insert":       "the statements of a noun, prepared once of its columns",
	"Tx.update":       "sets columns of the noun",
	"Tx.PutDerived":   "sets columns of the noun",
	"Tx.labels":       "the title is the noun's column",
	"Tx.eachRaw":      "hands on what it is given; its callers are looked at",
	"Tx.Children":     "columns that the kinds declare",
	"Tx.among":        "conditions of fields and of sight, each with ? for its values",
	"Tx.Notices":      "adds the condition of sight, which is built of constants",
	"Tx.TagCounts":    "adds the condition of sight, which is built of constants",
	"Tx.putRemoved":   "one of two constants",
	"Tx.walked":       "the noun's table, and the condition of sight",
	"Tx.NewestTagged": "adds the condition of sight, which is built of constants",

	"Tx.tagCountsEach": "adds the condition of sight, which is built of constants",
	"Tx.Visit":         "columns that our own measures name",
	"Tx.Tally":         "conditions of fields, each with ? for its values",
	"Tx.Least":         "the column of a declared field, and the conditions of where",
	"Tx.Cells":         "columns of declared fields, and the conditions of where",
	"Tx.Picture":       "walks over our own tables",
	"Tx.updateAlike":   "sets columns of the noun",
	"Tx.filled":        "walks over our own tables",
	"checkPragmas":     "walks over our own list of pragmas",
	"Tx.MatchColumn":   "the column is named by our own code",
	"Runner.List":      "walks over constant conditions",
	"Tx.segmentSQL":    "columns, operators and directions that the kind declares; cursors give values alone",
	"Tx.where":         "conditions of fields, of sight and of the search, each with ? for its values",
	"Tx.cond":          "conditions of fields, whose operators come from a list of ours",
	"Tx.Get":           "the noun's own key and the condition of sight",
	"Tx.Rows":          "the condition of sight",
	"Tx.References":    "the field by which a noun refers to another",
	"Tx.CountSeen":     "the condition of sight",
	"whereOf":          "conditions that our own guards write; columns are the noun's",
	"Tx.numbered":      "the statements of a noun, prepared once of its columns",
	"Tx.Holders":       "columns of the noun and the condition of sight",
	"DB.once":          "one of two constants",
	"Desk.Forget":      "walks over constant statements",
	"Tx.Search":        "built by searchSQL of a noun's columns and the condition of sight",
	"Tx.Guards":        "marks for its values",
	"DB.Version":       "the dialect's own constant",
	"DB.applied":       "the dialect's own constant",

	"Query.comparison":    "conditions of fields, whose operators come from a list of ours, and the condition of sight",
	"Tx.leading":          "the conditions of custom fields, each with ? for its key and its values",
	"Tx.Claimed":          "built by claimedSQL of columns of the noun and the condition of sight",
	"Tx.Namesakes":        "built by namesakesSQL of a noun's columns and the condition of sight",
	"Kin.sharersSQL":      "the column of a declared field",
	"Kin.narrow":          "the condition of sight",
	"Tx.IDs":              "the noun's number or key, and the condition of sight",
	"Tx.customReferences": "the conditions of custom fields, each with ? for its key and its values, and the condition of sight",
	"Tx.eachLink":         "one of two constants",
	"Tx.linkedSQL":        "operators and directions of our own; cursors give values alone",
}

// SQL is made of constants and of names that the nouns declare; what a request
// says reaches it as values alone.
func TestNoTextOfARequestInSQL(t *testing.T) {
	for _, root := range []string{".", "../api", "../cmd", "../seeds"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			lookAtFile(t, path)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func lookAtFile(t *testing.T, path string) {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	inStore := strings.HasPrefix(path, "store"+string(filepath.Separator))
	for _, d := range parsed.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		s := &sqlSight{assigned: assignments(fn)}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			text := sqlOfCall(call, inStore)
			if text == nil || s.own(text, 0) {
				return true
			}
			if name := nameOf(fn); trusted[name] == "" {
				t.Errorf("%s: %s: SQL that is neither constant nor made of declared names; if it is safe, say why in trusted", set.Position(call.Pos()), name)
			}
			return true
		})
	}
}

// sqlOfCall is the argument that is SQL, nil if none is.
func sqlOfCall(call *ast.CallExpr, inStore bool) ast.Expr {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	at, known := sqlAt[method.Sel.Name]
	if inStore && method.Sel.Name == "and" {
		return call.Args[0]
	}
	if !known || at == 0 && !onORM(method.X) || at > 0 && !inStore && strings.ToLower(method.Sel.Name) == method.Sel.Name {
		return nil
	}
	if method.Sel.Name == "exec" && len(call.Args) == 1 {
		at = 0 // a group's own
	}
	if at >= len(call.Args) {
		return nil
	}
	return call.Args[at]
}

// onORM reports whether a chain of calls begins with GORM.
func onORM(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.CallExpr:
		if s, ok := x.Fun.(*ast.SelectorExpr); ok {
			return s.Sel.Name == "ORM" || onORM(s.X)
		}
	case *ast.Ident:
		return x.Name == "orm"
	case *ast.SelectorExpr:
		return x.Sel.Name == "orm"
	}
	return false
}

func nameOf(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	of := fn.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if id, ok := of.(*ast.Ident); ok {
		return id.Name + "." + fn.Name.Name
	}
	return fn.Name.Name
}

// assignments are what a function assigns to each of its variables.
func assignments(fn *ast.FuncDecl) map[string][]ast.Expr {
	out := map[string][]ast.Expr{}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch a := n.(type) {
		case *ast.AssignStmt:
			for i, to := range a.Lhs {
				if id, ok := to.(*ast.Ident); ok && len(a.Lhs) == len(a.Rhs) {
					out[id.Name] = append(out[id.Name], a.Rhs[i])
				}
			}
		case *ast.RangeStmt:
			if id, ok := a.Value.(*ast.Ident); ok {
				out[id.Name] = append(out[id.Name], a.X)
			}
		}
		return true
	})
	return out
}

// sqlSight tells what SQL is made of within one function.
type sqlSight struct{ assigned map[string][]ast.Expr }

// own reports whether an expression is made of constants and declared names.
func (s *sqlSight) own(e ast.Expr, depth int) bool {
	if depth > 8 {
		return false
	}
	switch x := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.ParenExpr:
		return s.own(x.X, depth+1)
	case *ast.BinaryExpr:
		return s.own(x.X, depth+1) && s.own(x.Y, depth+1)
	case *ast.SelectorExpr:
		return ownWords[x.Sel.Name]
	case *ast.CompositeLit:
		return s.all(x.Elts, depth)
	case *ast.CallExpr:
		return s.ownCall(x, depth)
	case *ast.Ident:
		from := s.assigned[x.Name]
		return len(from) > 0 && s.all(from, depth) || len(from) == 0 && constants[x.Name]
	}
	return false
}

// constants are the constants of package store that are SQL.
var constants = map[string]bool{"entryColumns": true, "sealAll": true, "due": true}

func (s *sqlSight) all(list []ast.Expr, depth int) bool {
	for _, e := range list {
		if !s.own(e, depth+1) {
			return false
		}
	}
	return true
}

func (s *sqlSight) ownCall(call *ast.CallExpr, depth int) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "marks" || f.Name == "upTo"
	case *ast.SelectorExpr:
		switch f.Sel.Name {
		case "sql": // a builder's: its conditions are looked at where they are added
			return len(call.Args) == 0
		case "Repeat", "bind":
			return s.own(call.Args[0], depth+1)
		}
	}
	return false
}
