package api

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"rapport/openapi"
)

// documented are the ids of the document's operations, by method and path, with
// {} for parameters.
var documented = sync.OnceValue(func() map[string]string {
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	ids := map[string]string{}
	if json.Unmarshal(openapi.JSON, &doc) != nil {
		return ids // the tests of the document say so
	}
	for path, item := range doc.Paths {
		base := Base
		var servers []struct{ URL string }
		if json.Unmarshal(item["servers"], &servers) == nil && len(servers) > 0 {
			base = strings.TrimSuffix(servers[0].URL, "/")
		}
		for method, raw := range item {
			var op struct{ OperationID string }
			if json.Unmarshal(raw, &op) == nil && op.OperationID != "" {
				ids[strings.ToUpper(method)+" "+parameter.ReplaceAllString(base+path, "{}")] = op.OperationID
			}
		}
	}
	return ids
})

var parameter = regexp.MustCompile(`:[^/]+|\{[^}]+\}`)

// served is a route as the router knows it.
type served struct{ method, path string }

// operationIDs are the ids under which routes are counted and logged.
func operationIDs(routes []*echo.Route) map[served]string {
	ids := make(map[served]string, len(routes))
	for _, r := range routes {
		if id := documented()[r.Method+" "+parameter.ReplaceAllString(r.Path, "{}")]; id != "" {
			ids[served{r.Method, r.Path}] = id
		}
	}
	return ids
}

// operation is the id of the operation that a request asks for; none where that is
// none of the document's.
func (m *metrics) operation(c echo.Context) string {
	if id, known := m.operations[served{c.Request().Method, c.Path()}]; known {
		return id
	}
	return "none"
}
