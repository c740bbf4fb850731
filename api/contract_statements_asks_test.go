package api_test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"rapport/internal/exports"
	"rapport/internal/register"
)

// counting counts the statements of one request, under a name that is the same at
// every size.
type counting func(name, method, path string, body any)

// reads asks for everything that can be read, and tries every change of the hubs,
// and returns the statements of each request. What takes more than before is asked
// again: what is held in memory for a second may just have been read anew.
func (s *statementSuite) reads(before map[string][]string) map[string][]string {
	asked := map[string][]string{}
	s.refs = map[*register.Noun][]string{}
	for _, n := range register.All() {
		s.refs[n] = s.called(n)
	}
	ask := func(name, method, path string, body any) {
		for range 6 {
			r, statements := s.l7.Statements(method, path, body)
			if r.Status >= 500 || r.Status >= 400 && strings.HasPrefix(name, "GET") {
				s.t.Errorf("%s: %d %.300s", name, r.Status, r.Body)
			}
			asked[name] = statements
			if before == nil || len(statements) <= len(before[name]) {
				return
			}
		}
	}
	for _, n := range register.All() {
		s.lists(n, ask)
		s.figures(n, ask)
		s.tries(n, ask)
	}
	s.others(func(path string) { ask("GET "+s.general(path), "GET", path, nil) })
	return asked
}

// general is a path without ids.
func (s *statementSuite) general(path string) string {
	for _, n := range register.All() {
		if len(s.ids[n.Name]) > 0 {
			path = strings.Replace(path, s.ids[n.Name][0], "{id}", 1)
		}
	}
	return path
}

// lists asks for a noun's lists in every way that its fields allow.
func (s *statementSuite) lists(n *register.Noun, ask counting) {
	all := "/" + n.Path
	get := func(params string) { ask("GET "+all+"?"+params, "GET", all+"?limit=200&"+params, nil) }
	get("include_total=true")
	get("q=the")
	get("fields=" + strings.Join(n.Parts(), ","))
	for _, name := range n.Includes() {
		get("include=" + name)
		ask("POST "+all+"/search include "+name, "POST", all+"/search", fields{"limit": 200, "include": []string{name}})
		if len(s.ids[n.Name]) > 0 {
			ask("GET "+all+"/{id}?include="+name, "GET", s.hub(n)+"?include="+name, nil)
		}
	}
	for _, name := range n.Sorts() {
		get("sort=-" + name)
	}
	for _, f := range n.Fields {
		if target := register.ByName(f.Target); f.Filter && !f.Secret && target != nil && len(s.ids[f.Target]) > 0 {
			s.related(n, f, target, ask)
		}
	}
}

// hub is the path of the record to which half of the others refer.
func (s *statementSuite) hub(n *register.Noun) string { return "/" + n.Path + "/" + s.ids[n.Name][0] }

// related narrows a noun's lists by what one of its fields refers to: by refs,
// each of which has to be found, and by a field on the other side.
func (s *statementSuite) related(n *register.Noun, f *register.Field, target *register.Noun, ask counting) {
	all := "/" + n.Path
	op := map[bool]string{true: ".any=", false: ".in="}[f.Many]
	ask("GET "+all+" by refs of "+f.Name, "GET", all+"?limit=200&"+f.Name+op+strings.Join(s.refs[target], ","), nil)
	if f.Shape == register.Ref {
		node := fields{"field": f.Relation() + ".created_at", "op": "gte", "value": "2020-01-01"}
		ask("POST "+all+"/search by "+f.Relation(), "POST", all+"/search", fields{"limit": 200, "filter": node})
	}
}

// called are the refs of a noun's first records.
func (s *statementSuite) called(n *register.Noun) (refs []string) {
	r, _ := s.l7.Statements("GET", "/"+n.Path+"?limit=200&sort=created_at&fields=ref", nil)
	var page struct{ Data []struct{ Ref string } }
	if err := json.Unmarshal(r.Want(200).Body, &page); err != nil {
		s.t.Fatal(err)
	}
	for _, d := range page.Data {
		refs = append(refs, d.Ref)
	}
	return refs
}

// figures asks for a noun's figures, boards and files.
func (s *statementSuite) figures(n *register.Noun, ask counting) {
	all := "/" + n.Path
	get := func(path string) { ask("GET "+path, "GET", path, nil) }
	for _, f := range n.Fields {
		switch {
		case !f.Filter || f.Secret || f.Personal || f.Name == "id" || f.Name == "num" || f.Name == "version":
		case f.Shape == register.Moment || f.Shape == register.Day:
			get(all + "/aggregate?group_by=" + f.Name + ".month")
		case f.Shape != register.JSON:
			get(all + "/aggregate?group_by=" + f.Name)
		}
		if f.Filter && f.Shape == register.Choice {
			get(all + "/board?limit=50&include=transitions&group_by=" + f.Name)
		}
	}
	for _, format := range exports.FormatNames(n) {
		get(all + "/export?format=" + format)
	}
}

// tries tries every change of a noun's hub, without making it.
func (s *statementSuite) tries(n *register.Noun, ask counting) {
	if len(s.ids[n.Name]) == 0 {
		return
	}
	hub, name := s.hub(n), "/"+n.Path+"/{id}"
	ask("PATCH "+name, "PATCH", hub+"?validate_only=true", fields{"tags": []string{"tried"}})
	ask("DELETE "+name, "DELETE", hub+"?validate_only=true", nil)
	for i := range n.Flow.Rows {
		row := &n.Flow.Rows[i]
		move := fields{"transition": row.Name, "fields": fieldsFor(s.House, n, row)}
		ask("POST "+name+"/transitions "+row.Name, "POST", hub+"/transitions?validate_only=true", move)
	}
}

// apart is what is held open, and what reads the chain of all entries, a thousand
// of them by each statement.
var apart = []string{"/events/stream", "/audit/verify"}

// others asks for what else is read, as the document has it, with the hubs in its paths.
func (s *statementSuite) others(get func(path string)) {
	for path, item := range s.doc.Paths.Map() {
		if item.Get == nil || len(item.Servers) > 0 || slices.Contains(apart, path) {
			continue
		}
		if params, known := answered(item.Get); known {
			for _, filled := range s.filled(path) {
				get(filled + params)
			}
		}
	}
}

// filled are the paths that a pattern stands for; none where it names what is no
// noun's record.
func (s *statementSuite) filled(pattern string) (paths []string) {
	parts := strings.Split(pattern, "/")
	for _, n := range register.All() {
		path := pattern
		if parts[1] == n.Path && len(s.ids[n.Name]) > 0 {
			path = strings.NewReplacer("{id}", s.ids[n.Name][0], "{system}", "crm", "{key}", s.key(n)).Replace(path)
		}
		path = strings.NewReplacer("{noun}", n.Name, "{collection}", n.Path).Replace(path)
		if !strings.Contains(path, "{") && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// key is what another system calls a noun's hub.
func (s *statementSuite) key(n *register.Noun) string {
	return s.l7.Get(s.hub(n)).Want(200).Text("external_ids.0.key")
}

// answered are the parameters with which most is answered; known is false where
// others are asked for.
func answered(op *openapi3.Operation) (params string, known bool) {
	var list []string
	full := map[string]string{"limit": "200", "q": "noise", "depth": "3"}
	for _, p := range op.Parameters {
		value, there := full[p.Value.Name]
		switch {
		case p.Value.In != "query":
		case there && (p.Value.Name != "q" || p.Value.Required):
			list = append(list, p.Value.Name+"="+value)
		case p.Value.Required:
			return "", false
		}
	}
	slices.Sort(list)
	return "?" + strings.Join(list, "&"), true
}
