package api

import (
	"net/http"

	"rapport/internal/fault"
)

// Served lists the routes of the API, as method and path with {names}.
func Served(h http.Handler) (routes []string) {
	for _, r := range h.(*front).Routes() {
		routes = append(routes, r.Method+" "+r.Path)
	}
	return routes
}

// Statuses are the problems that there are, with their statuses.
func Statuses() map[fault.Code]int {
	out := map[fault.Code]int{}
	for code, k := range kinds {
		out[code] = k.status
	}
	return out
}

// OwnParameters are the parameters of every list.
var OwnParameters = own
