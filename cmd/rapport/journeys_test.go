package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// journeys are the requests that REST clients open. They are sent as they stand
// there, to a server with the demonstration.
const journeys = "../../openapi/journeys"

// Everybody's journeys through the demonstration go as their files say, and they
// go once more with what the first time left behind.
func TestJourneys(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(journeys, "*.http"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no journeys in %s: %v", journeys, err)
	}
	p := start(t, t.TempDir(), "--demo")
	for _, file := range slices.Concat(files, files) {
		j := readJourney(t, file)
		j.variables["host"] = "http://" + p.address
		for _, r := range j.requests {
			j.walk(r)
		}
	}
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// journey is a file of requests, in the form that the REST Client of VS Code reads.
// Beside that it has lines "# expect", which clients take for remarks.
type journey struct {
	*testing.T
	file      string
	variables map[string]string
	requests  []*request
	answered  map[string]*answer // by the names of the requests
}

type request struct {
	line                    int
	title, name, method, at string
	headers                 [][2]string
	body                    string
	expects                 []string
}

type answer struct {
	asked  http.Header
	header http.Header
	body   any
}

// readJourney parts a file at the lines that begin with ###.
func readJourney(t *testing.T, file string) *journey {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	j := &journey{T: t, file: filepath.Base(file), variables: map[string]string{}, answered: map[string]*answer{}}
	r := &request{}
	for i, line := range strings.Split(string(raw), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if title, begins := strings.CutPrefix(line, "###"); begins {
			r = &request{line: i + 1, title: strings.TrimSpace(title)}
			j.requests = append(j.requests, r)
			continue
		}
		j.read(r, line)
	}
	return j
}

var definition = regexp.MustCompile(`^@(\w+)\s*=\s*(.*)$`)

// read takes one line of a request: what stands before its first line, its headers,
// and after an empty line its body.
func (j *journey) read(r *request, line string) {
	remark, isRemark := strings.CutPrefix(line, "#")
	remark = strings.TrimSpace(remark)
	name, named := strings.CutPrefix(remark, "@name ")
	expect, expected := strings.CutPrefix(remark, "expect ")
	switch {
	case r.method != "" && (r.body != "" || line == ""):
		r.body += line + "\n"
	case r.method != "":
		header, value, _ := strings.Cut(line, ":")
		r.headers = append(r.headers, [2]string{header, strings.TrimSpace(value)})
	case isRemark && named:
		r.name = name
	case isRemark && expected:
		r.expects = append(r.expects, expect)
	case isRemark || line == "":
	case definition.MatchString(line):
		d := definition.FindStringSubmatch(line)
		j.variables[d[1]] = d[2]
	default:
		r.method, r.at, _ = strings.Cut(line, " ")
	}
}

// walk sends a request and holds what is answered against what it expects.
func (j *journey) walk(r *request) {
	j.Helper()
	if len(r.expects) == 0 {
		j.Errorf("%s:%d: %s expects nothing", j.file, r.line, r.title)
	}
	req, err := http.NewRequestWithContext(j.Context(), r.method, j.filled(r.at), strings.NewReader(j.content(r)))
	if err != nil {
		j.Fatalf("%s:%d: %v", j.file, r.line, err)
	}
	for _, h := range r.headers {
		req.Header.Set(h[0], j.filled(h[1]))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		j.Fatalf("%s:%d: %v", j.file, r.line, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		j.Fatalf("%s:%d: %v", j.file, r.line, err)
	}
	a := &answer{asked: req.Header, header: res.Header}
	_ = json.Unmarshal(raw, &a.body) // a file has no parts to look at
	if r.name != "" {
		j.answered[r.name] = a
	}
	for _, e := range r.expects {
		if wrong := a.fails(res.StatusCode, j.filled(e)); wrong != "" {
			j.Errorf("%s:%d: %s: expect %s: %s\n%.1500s", j.file, r.line, r.title, j.filled(e), wrong, raw)
		}
	}
}

// content is a request's body: what stands there, or the file that it names.
func (j *journey) content(r *request) string {
	body := strings.TrimSpace(r.body)
	file, named := strings.CutPrefix(body, "< ")
	if !named {
		return j.filled(body)
	}
	raw, err := os.ReadFile(filepath.Join(journeys, file))
	if err != nil {
		j.Fatalf("%s:%d: %v", j.file, r.line, err)
	}
	return string(raw)
}

var variable = regexp.MustCompile(`\{\{([^{}]+)\}\}`)

// filled puts values in the place of {{names}}.
func (j *journey) filled(text string) string {
	for variable.MatchString(text) {
		text = variable.ReplaceAllStringFunc(text, func(at string) string { return j.value(strings.Trim(at, "{} ")) })
	}
	return text
}

// value is what a name stands for: a definition of the file, the time, or a part of
// an earlier request or answer.
func (j *journey) value(name string) string {
	if v, defined := j.variables[name]; defined {
		return v
	}
	if name == "$timestamp" {
		return strconv.FormatInt(time.Now().UnixNano(), 10) // two walks within a second are two
	}
	parts := strings.SplitN(name, ".", 4)
	a := j.answered[parts[0]]
	if a == nil || len(parts) < 4 {
		j.Fatalf("%s: nothing is called {{%s}}", j.file, name)
	}
	switch parts[1] + " " + parts[2] {
	case "request headers":
		return a.asked.Get(parts[3])
	case "response headers":
		return a.header.Get(parts[3])
	case "response body":
		if found := a.find(parts[3]); len(found) == 1 {
			return plain(found[0])
		}
	}
	j.Fatalf("%s: {{%s}} is not one value", j.file, name)
	return ""
}

// fails says why an expectation does not hold, "" if it does: a status, "header
// NAME is VALUE", or a path with "is VALUE", "has VALUE", "exists", "is not empty".
func (a *answer) fails(status int, expect string) string {
	if code, err := strconv.Atoi(expect); err == nil {
		if status != code {
			return fmt.Sprintf("got %d", status)
		}
		return ""
	}
	at, want, _ := strings.Cut(expect, " ")
	if at == "header" {
		name, value, _ := strings.Cut(want, " is ")
		if got := a.header.Get(name); got != value {
			return fmt.Sprintf("got %q", got)
		}
		return ""
	}
	found := a.find(at)
	verb, value, _ := strings.Cut(want, " ")
	switch {
	case len(found) == 0:
		return "there is no such part"
	case want == "exists":
		return ""
	case want == "is not empty":
		if list, _ := found[0].([]any); len(list) == 0 {
			return "it is empty"
		}
		return ""
	case verb == "is" && len(found) == 1 && plain(found[0]) == value:
		return ""
	case verb == "has" && slices.ContainsFunc(spread(found), func(v any) bool { return plain(v) == value }):
		return ""
	}
	return fmt.Sprintf("got %v", found)
}

// find are the parts of the answer at a path such as $.data[*].name.
func (a *answer) find(path string) []any {
	found := []any{a.body}
	path = strings.NewReplacer("[", ".[", "]", "").Replace(strings.TrimPrefix(path, "$."))
	for step := range strings.SplitSeq(path, ".") {
		var next []any
		for _, v := range found {
			switch at := v.(type) {
			case map[string]any:
				if part, there := at[step]; there {
					next = append(next, part)
				}
			case []any:
				index := strings.TrimPrefix(step, "[")
				if i, err := strconv.Atoi(index); err == nil && i < len(at) {
					next = append(next, at[i])
				}
				if index == "*" {
					next = append(next, at...)
				}
			}
		}
		found = next
	}
	return found
}

// spread are the items of lists and all else as it is.
func spread(values []any) (all []any) {
	for _, v := range values {
		if list, is := v.([]any); is {
			all = append(all, list...)
			continue
		}
		all = append(all, v)
	}
	return all
}

// plain is a value as a file writes it.
func plain(v any) string {
	if f, is := v.(float64); is {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
