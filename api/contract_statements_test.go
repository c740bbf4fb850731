package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// perRecord is how many statements a batch may need for each record that it enters:
// the record, its entry, its links and terms, its ids elsewhere, who is named on
// it, those like it, and what its checks ask and its consequences do.
const perRecord = 24

// Nothing is read row by row: what a request asks of the database is the same for
// fifty records as for two hundred, in every form of reading that is served, and
// in every change that is tried.
func TestContractStatements(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	t.Parallel()
	h := testkit.Open(t).Contract()
	h.Quick = true
	s := &statementSuite{House: h, t: t, l7: h.As("l7"), ids: map[string][]string{}, doc: document(t)}
	sizes := []int{1, 50, 200}
	asked := make([]map[string][]string, len(sizes))
	for i, size := range sizes {
		s.grow(size)
		s.scatter()
		asked[i] = s.reads(asked[1])
		s.gather()
	}
	for _, ask := range slices.Sorted(maps.Keys(asked[2])) {
		fifty, many, more := asked[1][ask], asked[2][ask], 0
		if !strings.HasPrefix(ask, "GET ") && !strings.Contains(ask, "/search") {
			more = perRecord * (sizes[2] - sizes[1]) // what follows from a change may be changes of many
		}
		if strings.HasPrefix(ask, "GET /me/activity") {
			more = len(register.All()) // one for each kind of record in it, and of how many kinds the newest deeds are depends on what was asked again
		}
		if len(many) > len(fifty)+more {
			t.Errorf("%s takes %d, %d and %d statements at 1, 50 and 200 records:\n%s", ask, len(asked[0][ask]), len(fifty), len(many), repeated(many))
		}
	}
	t.Logf("%d requests were counted", len(asked[2]))
	for _, n := range register.All() {
		s.batches(n, sizes)
	}
}

// repeated are the statements that were put more than twice.
func repeated(statements []string) string {
	times, lines := map[string]int{}, []string{}
	for _, q := range statements {
		times[q]++
	}
	for _, q := range slices.Sorted(maps.Keys(times)) {
		if times[q] > 2 {
			lines = append(lines, fmt.Sprintf("  %d times %.300s", times[q], q))
		}
	}
	return strings.Join(lines, "\n")
}

// statementSuite counts what a register that grows asks of its database.
type statementSuite struct {
	*testkit.House
	t   *testing.T
	l7  *testkit.Client
	doc *openapi3.T
	ids map[string][]string // of the records of each noun; the first one is the hub

	refs map[*register.Noun][]string // of the first records of each noun

	marked int // records that were given something of their own
	told   int // how often every hub was changed
}

// grow enters records until there are so many of every noun.
func (s *statementSuite) grow(size int) {
	first := []*register.Noun{register.Users, register.Groups, register.Memberships} // so that all that follows has owners, and who complains groups
	for _, n := range slices.Concat(first, register.All()) {
		s.enter(n, size)
	}
	s.tell(size)
}

// enter enters records of a noun, after those to which they must refer. What does
// not go one way, since some are unique or exclude each other, is tried another.
func (s *statementSuite) enter(n *register.Noun, size int) {
	sample, _, err := seeds.SampleOf(n.Name)
	if err != nil {
		s.t.Fatal(err)
	}
	if sample.Create == nil || n == register.APIKeys { // they come with the program, or not by batches
		s.ids[n.Name] = (&fieldSuite{}).ids(s.l7.Get("/" + n.Path + "?limit=200").Want(200))
		return
	}
	for _, nouns := range sample.Needs {
		noun, _, _ := strings.Cut(nouns, ",")
		s.enter(register.ByName(noun), max(size, 2)) // two that are related are two
	}
	for attempt := 0; len(s.ids[n.Name]) < size; attempt++ {
		var operations []fields
		for i := len(s.ids[n.Name]); i < size; i++ {
			operations = append(operations, fields{"op": "create", "body": s.body(n, sample, i, attempt)})
		}
		made := s.l7.Post("/"+n.Path+"/batch?allow_duplicate=true", batchOf(false, operations...)).Want(207)
		for _, id := range (&fieldSuite{}).ids(made) {
			if id != "" {
				s.ids[n.Name] = append(s.ids[n.Name], id)
			}
		}
		if attempt > 3 {
			s.t.Fatalf("%d of %d %s are entered: %.2000s", len(s.ids[n.Name]), size, n.Plural, made.Body)
		}
	}
}

// body is the i-th record of a noun. Half of its references lead to the hub, to
// which many refer, the others to one of their own each.
func (s *statementSuite) body(n *register.Noun, sample seeds.Sample, i, attempt int) fields {
	body := maps.Clone(sample.Create)
	body["duplicate_reason"] = "it is one of many"
	s.mark(n, body)
	hub, all := attempt%2 == 0, attempt < 2
	needs := slices.Sorted(maps.Keys(sample.Needs))
	for k, member := range needs {
		noun, _, several := strings.Cut(sample.Needs[member], ",")
		pool := s.ids[noun]
		id := any(pool[(i+k*(1+attempt))%len(pool)]) // no two pairs are alike
		if hub && i%2 == k%2 {
			id = pool[0]
		}
		if noun == "user" && !all {
			id = s.People["l7b"]
		}
		if n.Field(member).Many {
			id = slices.Compact([]any{id, pool[i%len(pool)]})
		}
		if several {
			id = []any{pool[i%len(pool)]} // an issue belongs to one problem
		}
		body[member] = id
	}
	for _, f := range n.Fields {
		pool := s.ids[f.Target]
		_, given := body[f.Name]
		if all && f.Shape == register.Ref && f.Writable() && onCreate(f) && !given && sample.Instead[f.Name] == "" && len(pool) > 0 {
			body[f.Name] = pool[i%len(pool)]
		}
	}
	return body
}

// mark gives a record what is its own: what no two share, a tag and an id elsewhere.
func (s *statementSuite) mark(n *register.Noun, body fields) {
	s.marked++
	if n == register.Issues {
		body["severity"] = "critical" // one makes a problem
	}
	for _, set := range n.Unique {
		name, _, _ := strings.Cut(set, ",") // where one of them is unlike, the set is
		if text, ok := body[name].(string); ok && n.Field(name).Shape == register.Text {
			body[name] = fmt.Sprintf("%sx%d", text, s.marked)
		}
	}
	if n.Field("tags") != nil {
		body["tags"] = []string{fmt.Sprintf("tag %d", s.marked), "many"}
	}
	if n.Field("external_ids") != nil {
		body["external_ids"] = []fields{{"system": "crm", "key": fmt.Sprint(s.marked)}}
	}
}

// tell has people change the hub of every noun again and again, and talk about one.
func (s *statementSuite) tell(size int) {
	for _, n := range register.All() {
		if len(s.ids[n.Name]) == 0 || n.Field("tags") == nil {
			continue
		}
		for k, who := range []string{"l5", "l6", "l7", "l7b"} {
			var operations []fields
			for i := s.told + k; i < size; i += 4 {
				operations = append(operations, fields{"op": "update", "id": s.ids[n.Name][0], "body": fields{"tags": []string{fmt.Sprintf("told %d", i)}}})
			}
			if len(operations) > 0 {
				s.As(who).Statements("POST", "/"+n.Path+"/batch", batchOf(true, operations...))
			}
		}
	}
	for i := s.told; i < size; i++ {
		remark := fields{"body": fmt.Sprintf("@l7 that is the remark %d", i)}
		r, _ := s.As([]string{"l5", "l6", "l7b"}[i%3]).Statements("POST", s.hub(register.Stakeholders)+"/comments", remark)
		r.Want(201)
	}
	s.told = size
}

// scatter puts records into all states of their workflow, past the rules; gather
// takes them back, so that others may refer to them. Who asks stays who they are.
func (s *statementSuite) scatter() {
	s.put(func(n *register.Noun, i int) string {
		states := n.Flow.States()
		return string(states[i%len(states)])
	})
}

func (s *statementSuite) gather() {
	s.put(func(n *register.Noun, _ int) string { return string(n.Flow.Start) })
}

func (s *statementSuite) put(state func(n *register.Noun, i int) string) {
	for _, n := range register.All() {
		if n.Platform || !n.Moves() {
			continue
		}
		for i := range n.Flow.States() {
			s.Raw(fmt.Sprintf("UPDATE %s SET state = ? WHERE num %% %d = %d AND id <> ?", n.Table, len(n.Flow.States()), i), []any{state(n, i), s.ids[n.Name][0]})
		}
	}
}

// batches holds the statements of entering many records against their number.
func (s *statementSuite) batches(n *register.Noun, sizes []int) {
	sample, _, _ := seeds.SampleOf(n.Name)
	if sample.Create == nil || n == register.APIKeys || n == register.Escalations || n == register.Problems { // no record goes up so many levels; a problem changes its issues
		return
	}
	var counts []int
	for _, size := range sizes {
		operations := make([]fields, size)
		for i := range operations {
			operations[i] = fields{"op": "create", "body": s.body(n, sample, i, 5)}
		}
		r, asked := s.l7.Statements("POST", "/"+n.Path+"/batch?validate_only=true&allow_duplicate=true", batchOf(true, operations...))
		if r.Status != 200 {
			s.t.Errorf("%d %s in a batch: %d %.500s", size, n.Plural, r.Status, r.Body)
			return
		}
		counts = append(counts, len(asked))
	}
	grown := float64(counts[2]-counts[1]) / float64(sizes[2]-sizes[1])
	s.t.Logf("%-20s %v statements, %.1f for each record", n.Plural, counts, grown)
	if grown > perRecord {
		s.t.Errorf("a batch of %s takes %v statements for %v records", n.Plural, counts, sizes)
	}
}
