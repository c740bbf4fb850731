package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// secretMark begins every word that the uncleared must not read.
const secretMark = "zqsecret"

// hidden is a record that few may see: every text it holds is its word.
type hidden struct {
	n        *register.Noun
	id, word string
}

func (x hidden) path() string { return "/" + x.n.Path + "/" + x.id }

// sensitivitySuite keeps one restricted and one confidential record of each noun
// of the register, and records in plain sight that refer to them.
type sensitivitySuite struct {
	*testkit.House
	t                        *testing.T
	l7                       *testkit.Client
	restricted, confidential []hidden
	referrers                []referrer
	beside                   []string // paths of what stands beside hidden records
}

// referrer is a record in plain sight that names a hidden one.
type referrer struct {
	n     *register.Noun
	id    string
	field *register.Field
	to    hidden
}

// What a record above somebody's clearance holds shows in no answer at all:
// every route is asked, by everybody who must not see it, for every noun.
func TestContractSensitivity(t *testing.T) {
	h := testkit.Open(t).Contract()
	h.Quick = true
	s := &sensitivitySuite{House: h, t: t, l7: h.As("l7")}
	h.Enlist("viewer", "l4", "none", "viewer")
	h.Enlist("machine", "", "none", "manager", "events:read")
	h.Enlist("capped", "l6", "internal", "manager", "events:read")
	h.Enlist("cappedowner", "l4b", "internal", "manager")
	h.Enlist("reader4", "l4", "none", "manager", "events:read")
	for i, n := range register.All() {
		sample, _, _ := seeds.SampleOf(n.Name)
		if n.Platform || sample.Create == nil {
			continue
		}
		s.restricted = append(s.restricted, s.hide(n, "restricted", fmt.Sprintf("%sr%c%c", secretMark, 'a'+i/26, 'a'+i%26)))
		s.confidential = append(s.confidential, s.hide(n, "confidential", fmt.Sprintf("%sc%c%c", secretMark, 'a'+i/26, 'a'+i%26)))
	}
	s.refer()
	s.complain()
	time.Sleep(300 * time.Millisecond) // on PostgreSQL entries are sealed a moment later
	s.cleared()
	for _, who := range []string{"reader4", "viewer", "service", "machine", "capped"} {
		s.blind(who)
	}
	s.subRoutes()
	s.lookUps()
}

// hide enters a record whose every text is a word that stands nowhere else, and
// changes it once, so that its history holds the word too.
func (s *sensitivitySuite) hide(n *register.Noun, sensitivity, word string) hidden {
	body := s.Body(n)
	body["sensitivity"] = sensitivity
	body["owner_id"], body["access_user_ids"] = s.People["l4b"], []string{s.People["none"]}
	for _, f := range n.Fields {
		if !f.Writable() || !onCreate(f) || f.Secret || f.Target != "" {
			continue
		}
		for _, v := range s.Values(n, f)[:1] {
			with := spell(v, word)
			if same(v, with) && f.Name != "tags" {
				continue
			}
			was, had := body[f.Name]
			body[f.Name] = with
			if r := s.l7.Post("/"+n.Path+"?validate_only=true&allow_duplicate=true", body); r.Status != 200 {
				delete(body, f.Name)
				if had {
					body[f.Name] = was
				}
			}
		}
	}
	made := s.l7.Post("/"+n.Path+"?allow_duplicate=true", body).Want(201)
	x := hidden{n, made.ID(), word}
	s.l7.Patch(x.path(), map[string]any{"tags": []string{word + " again"}})
	said := s.l7.Post(x.path()+"/comments", map[string]any{"body": word + " @l4b"}).Want(201)
	file := s.attach(x)
	s.beside = append(s.beside, "/comments/"+said.ID(), "/attachments/"+file, "/attachments/"+file+"/content")
	for _, f := range n.Fields { // what only the workflow writes
		if f.Shape == register.Text && f.Circle != register.OfHead && f.Circle != register.Invisible && (!f.Writable() || !onCreate(f)) {
			s.Raw("UPDATE "+n.Table+" SET "+f.Name+" = ? WHERE id = ?", []any{word, x.id})
			if f.Folded() {
				s.Raw("UPDATE "+n.Table+" SET "+f.SQLColumn()+" = ? WHERE id = ?", []any{word, x.id})
			}
		}
	}
	return x
}

// attach puts a file beside a hidden record whose name and content are its word.
func (s *sensitivitySuite) attach(x hidden) string {
	media, form := aForm(part{"file", x.word + ".txt", x.word}, part{"description", "", x.word})
	made := s.l7.With("Content-Type", media).Post(x.path()+"/attachments", form)
	if made.Status == 422 { // it is born closed
		return "00000000-0000-7000-8000-000000000000"
	}
	return made.Want(201).ID()
}

// spell puts the word into every text of a value that is free text.
func spell(v any, word string) any {
	switch v := v.(type) {
	case string:
		for _, free := range []string{"Quay noise at dawn", "quay noise at dawn", "ana7"} {
			if v == free {
				return word
			}
		}
		v = strings.Replace(v, "ana.pop@", word+"@", 1)
		return strings.Replace(v, "https://example.org/a", "https://example.org/"+word, 1)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = spell(v[i], word)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k := range v {
			out[k] = spell(v[k], word)
		}
		return out
	}
	return v
}

// refer enters, for each reference of each noun, a record in plain sight that
// names a restricted one.
func (s *sensitivitySuite) refer() {
	for _, x := range s.restricted {
		for _, ref := range register.ReferencesTo(x.n.Name) {
			sample, _, _ := seeds.SampleOf(ref.Noun.Name)
			if !ref.Field.Writable() || sample.Create == nil || !onCreate(ref.Field) {
				continue
			}
			body := s.Body(ref.Noun)
			body[ref.Field.Name] = x.id
			delete(body, instead(ref.Noun, ref.Field))
			if ref.Field.Many {
				body[ref.Field.Name] = []string{x.id}
			}
			r := s.l7.Post("/"+ref.Noun.Path+"?allow_duplicate=true", body)
			if r.Status != 201 {
				s.t.Logf("%s.%s does not take a plain %s: %s", ref.Noun.Name, ref.Field.Name, x.n.Name, r.Text("detail"))
				continue
			}
			s.referrers = append(s.referrers, referrer{ref.Noun, r.ID(), ref.Field, x})
		}
	}
}

// complain enters complaints in plain sight that keep groups which were hidden since; who
// sees these is told of them in the report.
func (s *sensitivitySuite) complain() {
	for _, x := range s.all() {
		if x.n != register.Groups {
			continue
		}
		s.l7.Patch(x.path(), map[string]any{"name": x.word}).Want(200)
		id := s.Make(register.Complaints, nil).ID()
		s.Raw("UPDATE complaints SET group_ids = ? WHERE id = ?", []any{`["` + x.id + `"]`, id})
		s.Raw("INSERT INTO links (kind, field, target, record_id) VALUES ('complaint', 'group_ids', ?, ?)", []any{x.id, id})
		if r := s.l7.Get("/reports/complaints").Want(200); !bytes.Contains(r.Body, []byte(x.word)) {
			s.t.Errorf("level 7 is not told of the group: %s", r.Body)
		}
	}
}

// cleared asks those who may see: by level, or because they are named.
func (s *sensitivitySuite) cleared() {
	for _, x := range s.restricted {
		s.sees(x, "l6", "l4b", "none")
		s.misses(x, "l4", "l5", "cappedowner")
	}
	for _, x := range s.confidential {
		s.sees(x, "l5", "l6", "l4b", "none")
		s.misses(x, "l4", "cappedowner")
	}
}

func (s *sensitivitySuite) sees(x hidden, handles ...string) {
	for _, who := range handles {
		c := s.As(who)
		if r := c.Get(x.path()); r.Status != 200 || !bytes.Contains(r.Body, []byte(x.word)) {
			s.t.Errorf("%s must see the %s: %d %s", who, x.n.Name, r.Status, r.Body)
		}
		if got := c.Get("/" + x.n.Path + "?include_total=true&id.in=" + x.id).Text("page.total"); got != "1" {
			s.t.Errorf("%s must find the %s: total %s", who, x.n.Name, got)
		}
		if r := c.Get(x.path() + "/comments"); r.Status != 200 || !bytes.Contains(r.Body, []byte(x.word)) {
			s.t.Errorf("%s must read the talk about the %s: %d %s", who, x.n.Name, r.Status, r.Body)
		}
		if r := c.Get(x.path() + "/changes"); r.Status != 200 || !bytes.Contains(r.Body, []byte(x.word)) {
			s.t.Errorf("%s must read the history of the %s: %d %s", who, x.n.Name, r.Status, r.Body)
		}
	}
}

func (s *sensitivitySuite) misses(x hidden, handles ...string) {
	for _, who := range handles {
		if r := s.As(who).Get(x.path()); r.Status != 404 {
			s.t.Errorf("%s must not see the %s: %d", who, x.n.Name, r.Status)
		}
	}
}

// all are the hidden records.
func (s *sensitivitySuite) all() []hidden { return slices.Concat(s.restricted, s.confidential) }

// blind goes over all that somebody can read, and finds nothing of the hidden.
func (s *sensitivitySuite) blind(who string) {
	c := s.As(who)
	for _, x := range s.all() {
		for _, query := range s.searches(x) {
			r := c.Get("/" + x.n.Path + "?include_total=true&" + query)
			if r.Status != 200 || r.Text("page.total") != "0" || r.Len("data") != 0 {
				s.t.Errorf("%s finds the hidden %s by %s: %d %s", who, x.n.Name, query, r.Status, r.Body)
			}
		}
	}
	for _, at := range s.readable() {
		s.silent(who, at, c.Get(at))
	}
	for _, ref := range s.referrers {
		s.anonymous(who, c, ref)
		s.mute(who, c, ref)
	}
}

// searches are filters by what a hidden record holds.
func (s *sensitivitySuite) searches(x hidden) []string {
	out := []string{"id=" + x.id, "id.in=" + x.id, "tags.any=" + url.QueryEscape(x.word+" again")}
	for _, f := range x.n.Fields {
		if f.Filter && f.Shape == register.Text && f.Circle != register.OfHead && f.Seen == 0 && !f.Secret {
			out = append(out, f.Name+"="+x.word, f.Name+".contains="+x.word[2:], f.Name+".starts="+x.word)
		}
	}
	if slices.ContainsFunc(x.n.Fields, func(f *register.Field) bool { return f.Search }) {
		out = append(out, "q="+x.word)
	}
	return out
}

// silent wants an answer without any secret word and without a hidden subject.
func (s *sensitivitySuite) silent(who, at string, r *testkit.Reply) {
	s.t.Helper()
	asked, _ := url.QueryUnescape(at)
	body := strings.ReplaceAll(string(r.Body), asked, "") // links repeat the question
	if i := strings.Index(fold.Fold(body), secretMark); i >= 0 && !strings.Contains(asked, secretMark) {
		s.t.Errorf("%s reads a secret at %s: …%.120s", who, at, body[max(0, i-80):])
	}
	if r.Status >= 500 {
		s.t.Errorf("%s at %s: %d %s", who, at, r.Status, r.Body)
	}
	var feed struct {
		Data []struct{ Subject struct{ ID string } }
	}
	if strings.HasPrefix(at, "/events") && json.Unmarshal(r.Body, &feed) == nil {
		for _, e := range feed.Data {
			if slices.ContainsFunc(s.all(), func(x hidden) bool { return x.id == e.Subject.ID }) {
				s.t.Errorf("%s is told by %s of a hidden record", who, at)
			}
		}
	}
}

// readable are the paths of every GET route that is mounted, with the ids of
// hidden records and of records in plain sight filled in, and of every list with
// all it can include.
func (s *sensitivitySuite) readable() (paths []string) {
	for _, route := range routes(s.Handler) {
		if route.Method != http.MethodGet || !strings.HasPrefix(route.Path, "/api/v1/") || strings.Contains(route.Path, "stream") {
			continue
		}
		path := strings.TrimPrefix(route.Path, "/api/v1")
		n := register.ByPath(strings.Split(strings.TrimPrefix(path, "/"), "/")[0])
		if n == nil || !strings.Contains(path, ":id") {
			paths = append(paths, s.fill(path, "00000000-0000-7000-8000-000000000000"))
			continue
		}
		for _, x := range s.all() {
			if x.n == n {
				paths = append(paths, s.fill(path, x.id))
			}
		}
		for _, ref := range s.referrers {
			if ref.n == n {
				paths = append(paths, s.fill(path, ref.id))
			}
		}
	}
	for _, n := range register.All() {
		paths = append(paths, "/"+n.Path+"?limit=200", "/"+n.Path+"?limit=200&deleted=include&include=transitions", "/"+n.Path+"?limit=200&q="+secretMark[:2])
		for _, name := range s.includes(n) {
			paths = append(paths, "/"+n.Path+"?limit=200&include="+name)
		}
	}
	for _, types := range s.l7.Get("/event-types").Want(200).Value("data").([]any) {
		paths = append(paths, "/events?limit=200&types="+types.(map[string]any)["type"].(string))
	}
	for _, n := range register.All() {
		paths = append(paths, "/events?limit=200&types="+n.Name+".*")
	}
	paths = append(paths, s.beside...)
	return append(paths, "/events?limit=200", "/events?limit=200&after=1", "/me/activity?since=today-30d&limit=200", "/search?q="+secretMark)
}

// includes asks the API what a list can include.
func (s *sensitivitySuite) includes(n *register.Noun) []string {
	return texts(s.l7.Get("/" + n.Path + "?include=no_such_thing").Want(400).Value("errors.0.params.allowed"))
}

var parameter = regexp.MustCompile(`:[a-z_]+|\*`)

// fill puts an id, and something likely, in the place of a path's parameters.
func (s *sensitivitySuite) fill(path, id string) string {
	first := true
	return parameter.ReplaceAllStringFunc(path, func(name string) string {
		switch {
		case name == ":id" && first:
			first = false
			return id
		case name == ":noun":
			return s.restricted[0].n.Name
		case name == ":collection":
			return s.restricted[0].n.Path
		case name == ":version":
			return "1"
		}
		return "00000000-0000-7000-8000-000000000000"
	})
}

func routes(h http.Handler) []*echo.Route {
	return h.(interface{ Routes() []*echo.Route }).Routes()
}

// anonymous reads a record that names a hidden one: the id stays, its ref and
// its name do not.
func (s *sensitivitySuite) anonymous(who string, c *testkit.Client, ref referrer) {
	r := c.Get("/" + ref.n.Path + "/" + ref.id)
	lifted := s.l7.Get("/" + ref.n.Path + "/" + ref.id).Text("sensitivity")
	if r.Status == 404 && (lifted == "confidential" || lifted == "restricted") {
		return // what is told of a hidden record is as hidden
	}
	if r.Status != 200 {
		s.t.Errorf("%s must read the %s that names a hidden %s: %d %s", who, ref.n.Name, ref.to.n.Name, r.Status, r.Body)
		return
	}
	if ref.field.Many {
		return
	}
	relation := ref.field.Relation()
	if r.Text(ref.field.Name) != ref.to.id || r.Text(relation+".id") != ref.to.id || r.Value(relation+".ref") != nil || r.Value(relation+".name") != nil {
		s.t.Errorf("%s reads of a hidden %s in %s.%s: %v %v", who, ref.to.n.Name, ref.n.Name, relation, r.Value(ref.field.Name), r.Value(relation))
	}
}
