package api_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"rapport/api"
	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/openapi"
)

// loaded is the document, read once: that takes longer than most tests.
var loaded = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(openapi.JSON)
})

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The document is valid OpenAPI. Its examples are held against their schemas by
// openapi/gates.sh.
func TestDocumentIsValid(t *testing.T) {
	if err := document(t).Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

// Whatever is served is documented, and whatever is documented is served.
func TestDocumentNamesEveryRoute(t *testing.T) {
	doc := document(t)
	var documented, served []string
	for path, item := range doc.Paths.Map() {
		base := api.Base
		if len(item.Servers) > 0 {
			base = strings.TrimSuffix(item.Servers[0].URL, "/")
		}
		for method := range item.Operations() {
			documented = append(documented, method+" "+base+path)
		}
	}
	for _, r := range api.Served(testkit.Open(t).Handler) {
		if strings.HasPrefix(r, "echo_route_not_found ") {
			continue
		}
		parts := strings.Split(r, "/")
		for i, p := range parts {
			if name, found := strings.CutPrefix(p, ":"); found {
				parts[i] = "{" + name + "}"
			}
		}
		served = append(served, strings.Join(parts, "/"))
	}
	for _, r := range served {
		if !slices.Contains(documented, r) {
			t.Errorf("%s is served and not documented: annotate its handler (@ID, @Summary, @Description, @Tags, @Success, @Router); outside /api/v1 say @x-root true", r)
		}
	}
	for _, r := range documented {
		if !slices.Contains(served, r) {
			t.Errorf("%s is documented and not served", r)
		}
	}
}

// Every kind of problem stands in the document, under its status.
func TestDocumentNamesEveryProblem(t *testing.T) {
	doc := document(t)
	told := map[string]int{}
	for _, answer := range doc.Components.Responses {
		media := answer.Value.Content["application/problem+json"]
		for code, example := range media.Examples {
			status, _ := example.Value.Value.(map[string]any)["status"].(float64)
			told[code] = int(status)
		}
	}
	words := doc.Components.Schemas["ProblemCode"].Value.Enum
	for code, status := range api.Statuses() {
		if at, given := told[string(code)]; given && at != status || !slices.Contains(words, any(string(code))) {
			t.Errorf("%s is answered as %d and told as %d: see problemTable in cmd/apidoc", code, status, at)
		}
	}
	if len(words) != len(api.Statuses()) {
		t.Errorf("%d problems are told of, there are %d", len(words), len(api.Statuses()))
	}
}

// Every list documents the parameters that every list takes.
func TestDocumentNamesTheParametersOfLists(t *testing.T) {
	list := document(t).Paths.Value("/stakeholders").Get
	for _, name := range api.OwnParameters {
		if list.Parameters.GetByInAndName("query", name) == nil {
			t.Errorf("lists take %s, which is not documented: see the template in cmd/apidoc", name)
		}
	}
}

// The document is served as it was written, and asked for anew only if it changed.
func TestDocumentIsServed(t *testing.T) {
	nobody := testkit.Open(t).As("")
	got := nobody.Get("/openapi.json").Want(200)
	var doc map[string]any
	if err := json.Unmarshal(got.Body, &doc); err != nil || doc["openapi"] != "3.1.0" {
		t.Errorf("openapi.json says %v, %v", doc["openapi"], err)
	}
	nobody.With("If-None-Match", got.Header.Get("ETag")).Get("/openapi.json").Want(304)
	if media := nobody.Get("/openapi.yaml").Want(200).Header.Get("Content-Type"); media != "application/yaml" {
		t.Errorf("openapi.yaml is sent as %s", media)
	}
}

// The pages load only what lies beside them.
func TestDocsLoadNothingFromElsewhere(t *testing.T) {
	nobody := testkit.Open(t).As("")
	page := nobody.Get("/docs").Want(200)
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
	for _, part := range strings.Split(string(page.Body), `="`)[1:] {
		path, _, _ := strings.Cut(part, `"`)
		if strings.HasPrefix(path, "/") {
			nobody.Get(path).Want(200)
		}
		if strings.Contains(path, "//") {
			t.Errorf("the page leads to %s", path)
		}
	}
	nobody.Get("/docs/page.html").Want(404)
}

// What clients are generated from keeps to the rules for names, which stand in
// openapi/.spectral.yaml.
func TestDocumentKeepsTheRulesForNames(t *testing.T) {
	raw, err := os.ReadFile("../openapi/.spectral.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), `match: "^(list|`)
	rule, _, _ := strings.Cut(rest, `"`)
	verb := regexp.MustCompile("^(list|" + rule)
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			if !verb.MatchString(op.OperationID) {
				t.Errorf("%s %s: the operation id %s is not a known verb followed by a noun: %s", method, path, op.OperationID, verb)
			}
			if len(op.Summary) == 0 || len(op.Summary) > 50 || op.Description == op.Summary {
				t.Errorf("%s %s: it takes a summary of at most 50 characters, and a description of its own", method, path)
			}
			if len(op.Tags) != 1 {
				t.Errorf("%s %s: it takes one tag", method, path)
			}
		}
	}
}

// The body of a transition is told apart by its name, and has the fields that this
// one takes.
func TestDocumentTypesTransitions(t *testing.T) {
	schemas := document(t).Components.Schemas
	for _, n := range register.All() {
		if len(n.Flow.Rows) == 0 {
			continue
		}
		whole := schemas[n.Type+"Transition"].Value
		if whole.Discriminator == nil || whole.Discriminator.PropertyName != "transition" {
			t.Errorf("%sTransition has no discriminator", n.Type)
			continue
		}
		for i := range n.Flow.Rows {
			row := &n.Flow.Rows[i]
			at := whole.Discriminator.Mapping[row.Name].Ref
			body := schemas[strings.TrimPrefix(at, "#/components/schemas/")]
			if body == nil {
				t.Errorf("%s %s has no body of its own", n.Name, row.Name)
				continue
			}
			for _, taken := range n.FieldsOf(row) {
				if fields := body.Value.Properties["fields"]; fields == nil || fields.Value.Properties[taken.Field.Name] == nil {
					t.Errorf("%s %s takes %s, which its body lacks", n.Name, row.Name, taken.Field.Name)
				}
			}
		}
	}
}
