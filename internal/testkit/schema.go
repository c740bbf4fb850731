package testkit

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"rapport/internal/register"
)

// Explain is the database's plan for a statement. PostgreSQL is kept from scans
// and sorts as far as it can do without them, since its tables are small here.
func (h *House) Explain(query string, args []any) string {
	h.T.Helper()
	db := h.rawOnce()
	if h.config.URL == "" {
		return h.plan(db.QueryContext, "EXPLAIN QUERY PLAN "+query, args)
	}
	tx, err := db.Begin()
	if err != nil {
		h.T.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.Exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off"); err != nil {
		h.T.Fatal(err)
	}
	return h.plan(tx.QueryContext, "EXPLAIN "+query, args)
}

// plan reads the last column of what a database explains.
func (h *House) plan(ask func(context.Context, string, ...any) (*sql.Rows, error), query string, args []any) string {
	h.T.Helper()
	rows, err := ask(context.Background(), query, args...)
	if err != nil {
		h.T.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		h.T.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		into := make([]any, len(columns))
		for i := range into {
			into[i] = new(sql.NullString)
		}
		if err := rows.Scan(into...); err != nil {
			h.T.Fatal(err)
		}
		lines = append(lines, into[len(into)-1].(*sql.NullString).String)
	}
	return strings.Join(lines, "\n")
}

// Columns are the columns of a table, with whether they admit null.
func (h *House) Columns(table string) map[string]bool {
	h.T.Helper()
	query := `SELECT name, "notnull" = 0 FROM pragma_table_info('` + table + `')`
	if h.config.URL != "" {
		query = "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '" + table + "'"
	}
	rows, err := h.rawOnce().Query(query)
	if err != nil {
		h.T.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns := map[string]bool{}
	for rows.Next() {
		var name string
		var nullable bool
		if err := rows.Scan(&name, &nullable); err != nil {
			h.T.Fatal(err)
		}
		columns[name] = nullable
	}
	return columns
}

// FillSortedLinks puts links into the sorted ones on PostgreSQL, past all rules.
func (h *House) FillSortedLinks(n *register.Noun, f *register.Field, rows int) {
	h.T.Helper()
	if h.config.URL == "" {
		return
	}
	h.Raw("INSERT INTO sorted_links SELECT '"+n.Name+"', '"+f.Name+"', 'v' || i % 20, 'v' || i, 'v' || i FROM generate_series(1, ?) i ON CONFLICT DO NOTHING", []any{rows})
	h.Raw("ANALYZE sorted_links", nil)
}

// Fill puts rows into a noun's table on PostgreSQL, past all rules, and has it
// count them: its planner decides by numbers. SQLite needs none.
func (h *House) Fill(n *register.Noun, rows int) {
	h.T.Helper()
	if h.config.URL == "" {
		return
	}
	var columns, values []string
	for name, nullable := range h.Columns(n.Table) {
		value := "'v' || i"
		switch f := n.Field(strings.TrimSuffix(name, "_folded")); {
		case name == "num", name == "deleted_at" && nullable:
			continue
		case f == nil: // a maker
		case f.Shape == register.Choice:
			value = "'v' || i % 20"
		case f.Shape == register.Ref:
			value = "'v' || i % 100"
		case f.Shape == register.Whole || f.Shape == register.Rank:
			value = "i % 20"
		case f.Shape == register.Truth:
			value = "i % 2 = 0"
		}
		columns, values = append(columns, name), append(values, value)
	}
	tx, err := h.rawOnce().Begin()
	if err != nil {
		h.T.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, query := range []string{
		"SET LOCAL session_replication_role = replica",
		"INSERT INTO " + n.Table + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") +
			" FROM generate_series(1, " + strconv.Itoa(rows) + ") i ON CONFLICT DO NOTHING",
		"ANALYZE " + n.Table,
	} {
		if _, err := tx.Exec(query); err != nil {
			h.T.Fatalf("%s: %v", query, err)
		}
	}
	if err := tx.Commit(); err != nil {
		h.T.Fatal(err)
	}
}
