package api_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
)

// placeholder is where a value stands in a statement, as either database has it; what
// is due or silent by a moment may be most of what there is.
var (
	placeholder = regexp.MustCompile(`\?|\$\d+`)
	byMoment    = regexp.MustCompile(`t\.\w+_(on|at) <=? \+?$`)
)

// values are some for a statement: they fit numbers and words alike.
func values(statement string) (args []any) {
	for _, at := range placeholder.FindAllStringIndex(statement, -1) {
		if byMoment.MatchString(statement[:at[0]]) {
			args = append(args, "w")
		} else {
			args = append(args, "1")
		}
	}
	return args
}

// explained are the plans of those of a request's statements that read records of
// the nouns, by statement. What values they have changes nothing.
func explained(h *testkit.House, who, path string, nouns ...*register.Noun) map[string]string {
	h.T.Helper()
	reply, statements := h.As(who).Statements("GET", path, nil)
	reply.Want(200)
	plans := map[string]string{}
	for _, s := range statements {
		reads := func(n *register.Noun) bool {
			return strings.Contains(s, " "+n.Table+" t ") || strings.HasSuffix(s, " "+n.Table+" t")
		}
		if !slices.ContainsFunc(nouns, reads) || strings.Contains(s, "t.id IN (") {
			continue
		}
		plans[s] = h.Explain(s, values(s))
	}
	return plans
}

// ranged reports whether a plan goes by an index, and neither scans nor sorts.
func ranged(h *testkit.House, plan string) bool {
	found, flaws := "SEARCH t USING ", []string{"SCAN t", "TEMP B-TREE"}
	if h.DB.Dialect() == "postgres" {
		found, flaws = "Index Cond", []string{"Seq Scan", "Sort"}
	}
	return strings.Contains(plan, found) && !slices.ContainsFunc(flaws, func(flaw string) bool { return strings.Contains(plan, flaw) })
}

// However many records there are, a worklist reads those that are somebody's, or
// nobody's, by an index that leads to them in their order, whoever asks.
func TestWorklistNeitherScansNorSorts(t *testing.T) {
	h := testkit.Open(t)
	nouns := []*register.Noun{register.Stakeholders}
	for _, n := range register.All() {
		if !n.Platform && n.Field("due_on") != nil {
			nouns = append(nouns, n)
		}
	}
	for _, n := range nouns {
		h.Fill(n, 1500)
	}
	for _, who := range []string{"l4", "l5", "l6", "l7"} {
		plans := explained(h, who, "/worklist", nouns...)
		if len(plans) < 20 {
			t.Errorf("only %d statements read records", len(plans))
		}
		for statement, plan := range plans {
			if !ranged(h, plan) || !leads(h, plan, statement) {
				t.Errorf("for %s: no index serves\n%s\n%s", who, statement, plan)
			}
		}
	}
}

// leads reports whether the index by which a plan goes leads to the person whose records
// are meant, or to what nobody was given.
func leads(h *testkit.House, plan, statement string) bool {
	held := plan
	if h.DB.Dialect() == "postgres" {
		held = ""
		for line := range strings.SplitSeq(plan, "\n") {
			if strings.Contains(line, "Index Cond") || strings.Contains(line, "Index Scan using") {
				held += line
			}
		}
	}
	if strings.Contains(statement, "coalesce(") {
		return strings.Contains(held, "_unassigned")
	}
	for _, place := range []string{"owner_id", "assignee_id", "verifier_id", "holder_id", "deputy_id", "spoc_id"} {
		asked := regexp.MustCompile(fmt.Sprintf(`t\.%s (= [+?$]|IS NULL)`, place)).MatchString(statement)
		if asked && !strings.Contains(held, place) && !strings.Contains(held, "_unassigned") {
			return false
		}
	}
	return true
}
