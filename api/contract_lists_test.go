package api_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// How much the suite of lists tries for each noun.
const (
	watchedRecords = 28
	randomQueries  = 24
)

// spellings are words that order and filters must not be confused by.
var spellings = []string{"Ödön", "odon", "Łódź quay", "lodz Quay", "Éclair", "eclair", "ZEBRA", "zebra", "Æther", "Straße", "strasse, east", "Ana", "ana", "100% noise", "a_b", `back\slash`, "北京"}

// Random lists of every noun are walked forwards and backwards, while others
// write, and held against what a plain reading of the records says.
func TestContractLists(t *testing.T) {
	for _, n := range register.All() {
		t.Run(n.Name, func(t *testing.T) {
			if sample, _, _ := seeds.SampleOf(n.Name); sample.Create == nil {
				t.Skip("clients enter none")
			}
			t.Parallel()
			h := testkit.Open(t).Contract()
			h.Quick = true
			sum := fnv.New64a()
			_, _ = sum.Write([]byte(n.Name))
			s := &listSuite{House: h, t: t, n: n, l7: h.As("l7"), r: rand.New(rand.NewPCG(sum.Sum64(), 42))}
			s.enter()
			s.lookAround()
			stop := s.disturb()
			for range randomQueries {
				s.ask()
			}
			stop()
		})
	}
}

// listSuite asks for lists of one noun.
type listSuite struct {
	*testkit.House
	t       *testing.T
	n       *register.Noun
	l7      *testkit.Client
	r       *rand.Rand
	watched []register.Record
	rows    map[string]register.Row
	within  string // the filter that leaves the records of others out
	around  []around
}

// enter enters the watched records, as unlike as the fields allow.
func (s *listSuite) enter() {
	s.rows = map[string]register.Row{}
	var ids []string
	for range watchedRecords {
		s.Clock.Forward(time.Duration(s.r.IntN(3)) * time.Millisecond)
		body := s.Body(s.n)
		for _, f := range s.n.Fields {
			if f.Writable() && onCreate(f) && !f.Secret && s.r.IntN(2) == 0 && s.settled(f) {
				body[f.Name] = s.value(f)
			}
		}
		if s.n.Field("tags") != nil {
			body["tags"] = []string{"watched", fmt.Sprintf("tag %d", s.r.IntN(3))}
		}
		r := s.l7.Post("/"+s.n.Path+"?allow_duplicate=true", body)
		if r.Status != 201 { // some fields do not go together
			with := map[string]any{}
			if tags, tagged := body["tags"]; tagged {
				with["tags"] = tags
			}
			r = s.Make(s.n, with)
		}
		ids = append(ids, r.ID())
	}
	s.within = "tags.any=watched"
	if s.n.Field("tags") == nil {
		s.within = "id.in=" + strings.Join(ids, ",")
	}
	for _, id := range ids {
		s.scatter(id)
		rec := s.Record(s.n, id)
		row, err := s.n.Row(rec)
		if err != nil {
			s.t.Fatal(err)
		}
		s.watched, s.rows[id] = append(s.watched, rec), row
	}
}

// scatter gives every other record a value of what is sorted by and may be
// empty, past the rules: most of it is derived, or written along the workflow.
func (s *listSuite) scatter(id string) {
	for _, f := range s.n.Fields {
		if !f.Sort || !f.Nullable || f.Circle == register.OfHead {
			continue
		}
		var v any
		if s.r.IntN(2) == 0 {
			v = fmt.Sprintf("2026-11-%02d", 1+s.r.IntN(9))
			switch f.Shape {
			case register.Whole:
				v = s.r.IntN(5)
			case register.Moment:
				v = fmt.Sprintf("2026-11-%02dT08:00:00.000Z", 1+s.r.IntN(9))
			case register.Truth:
				v = true
			}
		}
		s.Raw("UPDATE "+s.n.Table+" SET "+f.Name+" = ? WHERE id = ?", []any{v, id})
		if f.Folded() {
			s.Raw("UPDATE "+s.n.Table+" SET "+f.SQLColumn()+" = ? WHERE id = ?", []any{v, id})
		}
	}
}

// settled leaves out what cannot be made up at random.
func (s *listSuite) settled(f *register.Field) bool {
	sample, _, _ := seeds.SampleOf(s.n.Name)
	_, given := sample.Create[f.Name]
	return f.Target == "" && (!given || f.Shape == register.Text) && f.Name != "custom_fields" && f.Name != "external_ids"
}

func (s *listSuite) value(f *register.Field) any {
	all := s.Values(s.n, f)
	if text, ok := all[0].(string); ok && f.Shape == register.Text && strings.Contains(text, " ") {
		return spellings[s.r.IntN(len(spellings))]
	}
	return all[s.r.IntN(len(all))]
}

// disturb has others enter, change and remove records of their own meanwhile.
func (s *listSuite) disturb() (stop func()) {
	var ids []string
	for range 4 {
		ids = append(ids, s.Make(s.n, nil).ID())
	}
	if s.n.Field("tags") == nil {
		return func() {}
	}
	done, wg := make(chan struct{}), sync.WaitGroup{}
	for i, id := range ids {
		wg.Go(func() {
			path := "/" + s.n.Path + "/" + id
			for k := 0; ; k++ {
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond):
				}
				s.l7.Patch(path, map[string]any{"tags": []string{fmt.Sprintf("moving %d %d", i, k)}})
				if k%3 == 0 {
					s.l7.Delete(path)
					s.l7.Post(path+"/restore", nil)
				}
			}
		})
	}
	return func() { close(done); wg.Wait() }
}

// ask makes up a list, reckons what it holds, and walks it both ways.
func (s *listSuite) ask() {
	var conds []condition
	for range s.r.IntN(3) {
		if c, ok := s.condition(); ok && !slices.ContainsFunc(conds, func(had condition) bool { return had.param == c.param }) {
			conds = append(conds, c)
		}
	}
	sortBy, desc := s.sort()
	want := s.reckon(conds, sortBy, desc)
	limit := 1 + s.r.IntN(9)
	if s.r.IntN(2) == 0 {
		s.askTree(sortBy, desc, limit)
		return
	}
	query := fmt.Sprintf("%s&limit=%d&sort=%s", s.within, limit, sortBy.Name)
	if desc {
		query = fmt.Sprintf("%s&limit=%d&sort=-%s", s.within, limit, sortBy.Name)
	}
	for _, c := range conds {
		query += "&" + c.param + "=" + url.QueryEscape(c.value)
	}
	s.walk(query, limit, want)
}

func (s *listSuite) sort() (*register.Field, bool) {
	var sorts []*register.Field
	for _, f := range s.n.Fields {
		if f.Sort && !f.Secret {
			sorts = append(sorts, f)
		}
	}
	return sorts[s.r.IntN(len(sorts))], s.r.IntN(2) == 0
}

// walk goes through a list to its end and back, and sees each record once.
func (s *listSuite) walk(query string, limit int, want []string) {
	s.t.Helper()
	at := "/" + s.n.Path + "?" + query
	s.pace(at, limit, want, func(cursor string) *testkit.Reply {
		if cursor == "" {
			return s.l7.Get(at + "&include_total=true")
		}
		return s.l7.Get(at + "&cursor=" + cursor)
	})
}

// pace is walk by whatever way a page is asked for.
func (s *listSuite) pace(at string, limit int, want []string, ask func(cursor string) *testkit.Reply) {
	s.t.Helper()
	page := ask("").Want(200)
	if got := page.Text("page.total"); got != fmt.Sprint(len(want)) {
		s.t.Errorf("%s: total %s, want %d", at, got, len(want))
	}
	got := s.ids(page)
	for page.Text("page.next_cursor") != "" && len(got) <= len(want) {
		if n := page.Len("data"); n != limit {
			s.t.Errorf("%s: a page in the middle holds %d of %d", at, n, limit)
		}
		page = ask(page.Text("page.next_cursor")).Want(200)
		got = append(got, s.ids(page)...)
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: forwards\n got %v\nwant %v", at, s.refs(got), s.refs(want))
		return
	}
	got = s.ids(page)
	for page.Text("page.prev_cursor") != "" && len(got) <= len(want) {
		page = ask(page.Text("page.prev_cursor")).Want(200)
		got = append(s.ids(page), got...)
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: backwards\n got %v\nwant %v", at, s.refs(got), s.refs(want))
	}
}

func (s *listSuite) ids(r *testkit.Reply) []string { return (&fieldSuite{}).ids(r) }

// refs are short names of records, for people.
func (s *listSuite) refs(ids []string) (refs []string) {
	for _, id := range ids {
		if row := s.rows[id]; row != nil {
			refs = append(refs, s.n.Ref(row[s.n.Field("num").Column]))
		} else {
			refs = append(refs, "a stranger")
		}
	}
	return refs
}

// A cursor of a list is refused once any bit of it is turned over.
func TestContractCursorsForged(t *testing.T) {
	h := testkit.Open(t).Contract()
	h.Quick = true
	n := register.ByName("stakeholder")
	for range 3 {
		h.Make(n, nil)
	}
	l4 := h.As("l4")
	good := l4.Get("/stakeholders?limit=1").Want(200).Text("page.next_cursor")
	for i := range len(good) {
		for bit := range 8 {
			forged := []byte(good)
			forged[i] ^= 1 << bit
			r := l4.Get("/stakeholders?limit=1&cursor=" + url.QueryEscape(string(forged)))
			if r.Status != 400 || r.Text("code") != "invalid-cursor" {
				t.Fatalf("bit %d of character %d turned over: %d %s", bit, i, r.Status, r.Body)
			}
		}
	}
	l4.Get("/stakeholders?limit=1&kind=group&cursor="+good).Code(400, "invalid-cursor")
	l4.Get("/stakeholders?limit=1&sort=name&cursor="+good).Code(400, "invalid-cursor")
	h.As("none").Get("/stakeholders?limit=1&cursor=" + good).Want(200)
	l4.Get("/stakeholders?page=2").Code(400, "unknown-parameter")
	l4.Get("/stakeholders?offset=2").Code(400, "unknown-parameter")
}
