package api_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// Every example of a request is carried out, as the document promises. Where an
// example names another record, there is a fresh one.
func TestExamplesAreCarriedOut(t *testing.T) {
	t.Parallel()
	doc := document(t)
	h := testkit.Open(t)
	h.Quick = true
	for _, path := range doc.Paths.InMatchingOrder() {
		item := doc.Paths.Value(path)
		for _, method := range []string{http.MethodPost, http.MethodPatch} {
			op := item.GetOperation(method)
			if op == nil || op.RequestBody == nil {
				continue
			}
			media := op.RequestBody.Value.Content["application/json"]
			if media == nil {
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
				t.Run(op.OperationID+"/"+name, func(t *testing.T) {
					defer func(outer testing.TB) { h.T = outer }(h.T)
					h.T = t
					tryExample(h, op, method, path, media.Examples[name].Value.Value)
				})
			}
		}
	}
}

func tryExample(h *testkit.House, op *openapi3.Operation, method, path string, example any) {
	collection, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if strings.HasSuffix(path, "/batch") {
		path += "?validate_only=true" // or the next example would enter the same again
	} else if strings.Contains(path, "{") {
		n := register.ByPath(collection)
		if n == nil || strings.Count(path, "{") > 1 || !strings.Contains(path, "{id}") {
			h.T.Skip("the path names what cannot be made here")
		}
		if len(n.Flow.Rows) == 0 && strings.HasSuffix(path, "/transitions") {
			h.T.Skip("it has no transitions")
		}
		id := h.People["l4"]
		if n.Name != "user" {
			id = h.Some(n.Name)
		}
		path = strings.Replace(path, "{id}", id, 1)
	} else if n := register.ByPath(collection); n != nil && path == "/"+collection {
		if sample, _, _ := seeds.SampleOf(n.Name); sample.Create == nil {
			h.T.Skip("clients do not enter these")
		}
		path += "?allow_duplicate=true"
		if body, ok := example.(map[string]any); ok && n.Alike != nil {
			example = with(body, "duplicate_reason", "It is an example.")
		}
	}
	got := h.As("l7").Do(method, path, withRecords(h, example))
	if excused(got) {
		h.T.Skipf("answered %d, which is for a story: %s", got.Status, got.Text("detail"))
	}
	if made := strings.HasPrefix(op.OperationID, "create") || strings.HasPrefix(op.OperationID, "update"); !made && got.Status == http.StatusUnprocessableEntity {
		h.T.Skipf("the example is not accepted; give its fields an example tag, or the noun's sample their values: %s", got.Body)
	}
	if got.Status >= 300 || op.Responses.Status(got.Status) == nil {
		h.T.Errorf("%s %s: the example is answered with %d\n%s", method, path, got.Status, got.Body)
	}
}

// excused are refusals that no example can prevent: what stands in the way of a
// transition, another person's eyes, a reason against a likeness.
func excused(r *testkit.Reply) bool {
	return slices.Contains([]string{"transition-blocked", "same-person", "invalid-transition", "insufficient-level", "duplicate", "still-responsible"}, r.Text("code"))
}

var aRef = regexp.MustCompile(`^([A-Z]{3})-\d+$`)

// withRecords puts fresh records in the place of the refs that an example names.
func withRecords(h *testkit.House, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			out[name] = withRecords(h, member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withRecords(h, v[i])
		}
		return out
	case string:
		if m := aRef.FindStringSubmatch(v); m != nil && register.ByPrefix(m[1]) != nil {
			return h.Some(register.ByPrefix(m[1]).Name)
		}
	}
	return v
}
