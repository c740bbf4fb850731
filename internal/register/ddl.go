package register

import (
	"fmt"
	"slices"
	"strings"
)

// DDL drafts the migration of a new noun: its table, with a shadow column for
// each text that is compared folded, and an index for each access path. A draft
// is reviewed and landed by hand, and never edited afterwards.
func DDL(n *Noun) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- +goose Up\nCREATE TABLE %s (\n", n.Table)
	var lines []string
	for _, f := range n.Fields {
		lines = append(lines, "  "+columnDDL(f))
		if f.Folded() {
			null := " NOT NULL"
			if f.Nullable {
				null = ""
			}
			lines = append(lines, "  "+f.SQLColumn()+" TEXT"+null)
		}
	}
	lines = append(lines, "  created_by_type TEXT NOT NULL", "  created_by_id TEXT", "  updated_by_type TEXT NOT NULL", "  updated_by_id TEXT")
	b.WriteString(strings.Join(lines, ",\n") + "\n);\n")
	for _, set := range n.Unique {
		fmt.Fprintf(&b, "CREATE UNIQUE INDEX %s_%s ON %s (%s) WHERE deleted_at IS NULL;\n", n.Table, slug(set), n.Table, n.columns(set))
	}
	for _, p := range n.Paths {
		if slices.ContainsFunc(n.linkPaths, func(l LinkPath) bool { return l.By.Name == strings.Join(p.Equal, "") }) {
			continue // its links are in order
		}
		cols := []string{}
		for _, name := range p.Equal {
			cols = append(cols, n.Field(name).SQLColumn())
		}
		if sort := n.Field(strings.TrimPrefix(p.Sort, "-")).SortColumn(); sort != "id" {
			cols = append(cols, sort)
		}
		if len(cols) > 0 {
			fmt.Fprintf(&b, "CREATE INDEX %s_%s ON %s (%s, id) WHERE deleted_at IS NULL;\n", n.Table, strings.Join(cols, "_"), n.Table, strings.Join(cols, ", "))
		}
	}
	for _, f := range n.Fields {
		if f.Shape == Ref && !n.leads(f.Name) {
			fmt.Fprintf(&b, "CREATE INDEX %s_by_%s ON %s (%s);\n", n.Table, f.Name, n.Table, f.Name)
		}
	}
	fmt.Fprintf(&b, "\n-- +goose Down\nDROP TABLE %s;\n", n.Table)
	return b.String()
}

// leads reports whether an access path begins with the field.
func (n *Noun) leads(field string) bool {
	for _, p := range n.Paths {
		if len(p.Equal) > 0 && p.Equal[0] == field {
			return true
		}
	}
	return false
}

func slug(set string) string { return strings.NewReplacer(", ", "_", ",", "_").Replace(set) }

func (n *Noun) columns(set string) string {
	var cols []string
	for name := range strings.SplitSeq(set, ",") {
		cols = append(cols, n.Field(strings.TrimSpace(name)).SQLColumn())
	}
	return strings.Join(cols, ", ")
}

func columnDDL(f *Field) string {
	switch f.Name {
	case "num":
		return "num INTEGER PRIMARY KEY"
	case "id":
		return "id TEXT NOT NULL UNIQUE"
	}
	kind := map[Shape]string{Whole: "INTEGER", Rank: "INTEGER", Truth: "BOOLEAN"}[f.Shape]
	if kind == "" {
		kind = "TEXT"
	}
	out := f.Name + " " + kind
	if !f.Nullable {
		out += " NOT NULL"
	}
	if f.Shape == Ref {
		out += " REFERENCES " + ByName(f.Target).Table + " (id)"
	}
	return out
}
