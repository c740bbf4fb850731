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

// placeholder is where a value stands in a statement, as either database has it.
var placeholder = regexp.MustCompile(`\?|\$\d+`)

// likelyBefore are values that fit what stands before them, of columns that hold "v1" to
// "v1500": most are due by a moment, and few belong to a period.
var likelyBefore = []struct {
	text  *regexp.Regexp
	value string
}{
	{regexp.MustCompile(`_at >= \+?$`), "v5"},
	{regexp.MustCompile(`_at >= \S+ AND t\.\w+_at < $`), "v51"},
	{regexp.MustCompile(`t\.\w+_(on|at) <=? \+?$`), "w"},
}

// values are some for a statement; 1 is a word and a number.
func values(statement string) (args []any) {
	for _, at := range placeholder.FindAllStringIndex(statement, -1) {
		value := "1"
		for _, likely := range likelyBefore {
			if likely.text.MatchString(statement[:at[0]]) {
				value = likely.value
				break
			}
		}
		args = append(args, value)
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

// ofPeriod is the moment by which a statement takes the records of a period.
var ofPeriod = regexp.MustCompile(`WHERE t\.(\w+_at) >= `)

// However many records there are, a report reads those of its periods, and those that
// stand open, by an index; what it sorts are groups.
func TestReportsNeitherScanNorSort(t *testing.T) {
	h := testkit.Open(t)
	nouns := []*register.Noun{register.Complaints, register.Lessons, register.Stakeholders, register.Groups, register.SpocAssignments}
	for _, n := range nouns {
		h.Fill(n, 1500)
	}
	for path, least := range map[string]int{
		"/reports/complaints?period=2026-Q3": 12, "/reports/complaints?from=2024-11-01&to=2026-11-01&compare=none": 10,
		"/reports/lessons?period=2026-Q3": 6, "/reports/spoc-coverage?include_groups=true": 3,
	} {
		for _, who := range []string{"l4", "l5", "l6"} {
			plans := explained(h, who, path, nouns...)
			if len(plans) < least {
				t.Errorf("%s: only %d statements read records", path, len(plans))
			}
			for statement, plan := range plans {
				if !reported(h, plan, statement) {
					t.Errorf("%s for %s: no index serves\n%s\n%s", path, who, statement, plan)
				}
			}
		}
	}
}

// reported reports whether a plan reads the records of the statement's period by the
// index of their moment, or those in some states by one of theirs.
func reported(h *testkit.House, plan, statement string) bool {
	if at := ofPeriod.FindStringSubmatch(statement); at != nil {
		from, until := at[1]+">", at[1]+"<"
		if h.DB.Dialect() == "postgres" {
			from, until = at[1]+" >=", at[1]+" <"
		}
		if !strings.Contains(plan, from) || !strings.Contains(plan, until) {
			return false
		}
	}
	if strings.Contains(statement, "GROUP BY") {
		plan = strings.NewReplacer("USE TEMP B-TREE FOR GROUP BY", "", "Sort", "").Replace(plan)
	}
	return ranged(h, plan)
}
