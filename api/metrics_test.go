package api_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/api"
	"rapport/internal/testkit"
	"rapport/openapi"
)

// However odd the requests, the figures have labels of a fixed set only, and
// their values are ours: no request can make one, and none tells of anybody.
func TestLabelsAreOfAFixedSet(t *testing.T) {
	h := testkit.Open(t)
	h.Configure(func(c *api.Config) { c.Limits, c.MaxInFlight = api.Limits{Requests: 50, Writes: 3, SignIns: 1}, 10 })
	for _, odd := range []string{"/api/v1/ana.pop@example.org", "/api/v1/stakeholders/ana", "/anything/else", "/api/v1/users/1/2/3", "/problems/ana", "//", "/api/v1/stakeholders?q=ana"} {
		for _, method := range []string{"GET", "POST", "PATCH", "BREW", "DELETE"} {
			req := httptest.NewRequest(method, odd, strings.NewReader("{}"))
			req.Host = "ana.example.org"
			req.Header.Set("Authorization", "Bearer "+testkit.Key("l4"))
			h.Handler.ServeHTTP(httptest.NewRecorder(), req)
		}
	}
	for i := range 3 {
		from(h, "203.0.113.9:5000", made(i))
	}
	operations := regexp.MustCompile(`"operationId":\s*"([A-Za-z]+)"`).FindAllStringSubmatch(string(openapi.JSON), -1)
	allowed := map[string]func(string) bool{
		"operation": func(v string) bool {
			return v == "none" || slices.ContainsFunc(operations, func(m []string) bool { return m[1] == v })
		},
		"status": regexp.MustCompile(`^[1-5]\d\d$`).MatchString,
		"policy": func(v string) bool { return slices.Contains([]string{"default", "write", "sign-in"}, v) },
		"le":     func(string) bool { return true },
	}
	got := string(h.As("l7").Get("/metrics").Want(http.StatusOK).Body)
	label := regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`)
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, "rapport_") {
			continue
		}
		for _, m := range label.FindAllStringSubmatch(line, -1) {
			if ok := allowed[m[1]]; ok == nil || !ok(m[2]) {
				t.Errorf("a label that is none of ours: %s", line)
			}
		}
	}
	for _, there := range []string{
		`rapport_rate_limited_total{policy="write"}`, `rapport_rate_limited_total{policy="sign-in"} 2`, "rapport_readers_most", "rapport_jobs_queued 0",
		"rapport_jobs_oldest_seconds", "rapport_write_queue", "rapport_stream_clients", "rapport_shed_total 0",
		`rapport_requests_total{operation="listStakeholders",status="200"} 1`, `rapport_requests_total{operation="none",status="404"}`,
	} {
		if !strings.Contains(got, there) {
			t.Errorf("there is no %s", there)
		}
	}
	if strings.Contains(got, "ana") && strings.Contains(got, "example.org") {
		t.Error("the figures tell of Ana")
	}
}

// Jobs that wait are seen with the time that they have waited.
func TestQueueIsMeasured(t *testing.T) {
	h := testkit.Open(t)
	h.As("l7").Post("/users/"+h.People["l4"]+"/handovers", map[string]any{"to_id": h.People["l4b"], "reason": "Ana leaves."}).Want(202)
	h.Clock.Forward(90 * time.Second)
	got := string(h.As("l7").Get("/metrics").Want(200).Body)
	for _, there := range []string{"rapport_jobs_queued 1", "rapport_jobs_oldest_seconds 90"} {
		if !strings.Contains(got, there) {
			t.Errorf("there is no %s", there)
		}
	}
	if got := h.As("").Get("/readyz").Want(200); got.Text("checks.queue") != "ok" {
		t.Errorf("readiness is %s", got.Body)
	}
	h.Clock.Forward(20 * time.Minute)
	if got := h.As("").Get("/readyz").Want(200); got.Text("checks.queue") != "late: 1 wait, the first for 21m0s" {
		t.Errorf("readiness is %s", got.Body)
	}
}
