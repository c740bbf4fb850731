// Command journey takes complaints from their receipt to their closure and a lesson,
// in nine requests each, on a running register that fill filled, and prints how long
// each request took; then it asks for the worklist and the boards.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"time"
)

func main() {
	base := flag.String("url", "http://127.0.0.1:8080/api/v1", "where the register is served")
	handler := flag.String("key", "rapport_bench_l5", "the key of who handles the complaint")
	decides := flag.String("second", "rapport_bench_l6", "the key of who approves the answer")
	rounds := flag.Int("rounds", 20, "complaints taken through; from the third of a cause on, each would take a corrective action")
	flag.Parse()
	log.SetFlags(0)
	t := &traveller{base: *base, keys: map[string]string{"handler": *handler, "second": *decides}}
	for i := range *rounds {
		if err := t.travel(i); err != nil {
			log.Fatal("journey: ", err)
		}
	}
	t.print()
}

// step is one request. {id} in it is the complaint's.
type step struct{ name, who, method, path, body string }

const transitions = "/complaints/{id}/transitions"

var steps = []step{
	{"receipt", "handler", "POST", "/complaints", `{"title":"Noise at night","description":"Two lorries, at three.","channel":"email","category":"environment","severity":"medium","complainant":{"name":"N. N.","email":"n{n}@mail.example"}}`},
	{"acknowledge", "handler", "POST", transitions, `{"transition":"acknowledge","fields":{"acknowledgement":"It is with us.","acknowledged_channel":"email"}}`},
	{"assess", "handler", "POST", transitions, `{"transition":"assess","fields":{"conflict_of_interest":"none","criteria":[{"criterion":"severity","score":3},{"criterion":"safety","score":1},{"criterion":"complexity","score":3},{"criterion":"impact","score":3},{"criterion":"immediate_action","score":2}]}}`},
	{"investigate", "handler", "POST", transitions, `{"transition":"investigate"}`},
	{"propose", "handler", "POST", transitions, `{"transition":"propose_response","fields":{"findings":"A late ship left the plan.","upheld":"upheld","cause_category":"{cause}","remedies":[{"remedy":"apologise","detail":"By letter."}]}}`},
	{"approve", "second", "POST", transitions, `{"transition":"approve","fields":{"told_channel":"letter"}}`},
	{"lesson", "handler", "POST", "/lessons", `{"title":"Ask before a ship is late","kind":"negative","what_happened":"Nobody asked.","root_cause":"No rule.","recommendation":"Ask the duty officer.","category":"environment","applies_to_tags":["noise"],"complaint_ids":["{id}"]}`},
	{"accept", "handler", "POST", transitions, `{"transition":"accept","fields":{"complainant_answer":"accepted","answered_on":"{today}","answer_evidence":"E-mail","remedy_done_on":"{today}","satisfaction":4}}`},
	{"read", "handler", "GET", "/complaints/{id}", ""},
	{"worklist", "handler", "GET", "/worklist", ""},
	{"board of complaints", "second", "GET", "/complaints/board", ""},
	{"board of issues", "second", "GET", "/issues/board", ""},
}

var causes = []string{"communication", "design", "equipment", "information", "people", "planning", "process", "supplier", "outside", "other"}

// traveller sends the requests and notes how long each took.
type traveller struct {
	base string
	keys map[string]string
	took [][]time.Duration
}

func (t *traveller) travel(n int) error {
	if t.took == nil {
		t.took = make([][]time.Duration, len(steps))
	}
	id := ""
	for i, s := range steps {
		fill := strings.NewReplacer("{id}", id, "{n}", fmt.Sprint(time.Now().UnixNano(), "-", n), "{cause}", causes[n%len(causes)], "{today}", time.Now().UTC().Format(time.DateOnly))
		began := time.Now()
		answer, err := t.ask(s.method, fill.Replace(s.path), t.keys[s.who], fill.Replace(s.body))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		t.took[i] = append(t.took[i], time.Since(began))
		if id == "" {
			id = answer.ID
		}
	}
	return nil
}

type record struct {
	ID string `json:"id"`
}

func (t *traveller) ask(method, path, key, body string) (rec record, err error) {
	req, err := http.NewRequest(method, t.base+path, strings.NewReader(body))
	if err != nil {
		return rec, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return rec, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return rec, err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return rec, fmt.Errorf("%s: %s", res.Status, bytes.TrimSpace(answer))
	}
	return rec, json.Unmarshal(answer, &rec)
}

func (t *traveller) print() {
	fmt.Printf("%-22s %10s %10s\n", "request", "median", "p95")
	for i, s := range steps {
		slices.Sort(t.took[i])
		n := len(t.took[i])
		fmt.Printf("%-22s %10v %10v\n", s.name, t.took[i][n/2].Round(10*time.Microsecond), t.took[i][n*95/100].Round(10*time.Microsecond))
	}
}
