package api_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// rebuilt stops the test unless what is stored is what a rebuilding finds.
func rebuilt(h *testkit.House) {
	h.T.Helper()
	stored := h.Picture()
	if err := h.Ledger.Rederive(context.Background()); err != nil {
		h.T.Fatal(err)
	}
	if !reflect.DeepEqual(h.Picture(), stored) {
		h.T.Error("what is stored differs from what a rebuilding finds")
	}
}

// repeats stops the test unless a complaint repeats so many, the last of them the one at a path.
func repeats(h *testkit.House, path string, count int, of string) {
	h.T.Helper()
	got := h.As("l6").Get(path).Want(200)
	if got.Text("repeat_count") != fmt.Sprint(count) || of != "" && got.Text("repeat_of.ref") != strings.TrimPrefix(of, "/complaints/") {
		h.T.Errorf("%s repeats %s, the last of them %s; want %d, %s", path, got.Text("repeat_count"), got.Text("repeat_of.ref"), count, of)
	}
}

// A complaint that is entered later but was received earlier makes those repeats that are
// there; so does what an earlier one turns out to be about, from whom and of what. What is
// removed is repeated no more.
func TestEarlierComplaintMakesLaterOnesRepeats(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	party := residents(h, "Riverside Residents")
	at := func(day string, more fields) string {
		return complained(h, merged(fields{"received_at": day + "T10:00:00Z", "subject": "Unloading", "stakeholder_id": party}, more))
	}
	last := at("2026-11-10", nil)
	first := at("2026-10-01", nil)
	repeats(h, last, 1, first)
	between := at("2026-10-20", fields{"category": "billing"})
	repeats(h, last, 1, first)
	l4.Move(between, "acknowledge", received()).Want(200)
	l4.Move(between, "assess", scored(3, fields{"category": "environment"})).Want(200)
	repeats(h, last, 2, between)
	repeats(h, between, 1, first)
	l4.Move(between, "reassess", scored(3, fields{"category": "billing", "reason": "It was the bill."})).Want(200)
	repeats(h, last, 1, first)

	other := complained(h, fields{"received_at": "2026-10-05T10:00:00Z", "anonymous": true})
	l4.Patch(other, fields{"subject": "Unloading"}).Want(200)
	repeats(h, last, 2, other)
	mail := complained(h, fields{"received_at": "2026-10-06T10:00:00Z"})
	l4.Move(mail, "identify", fields{"stakeholder_id": party}).Want(200)
	repeats(h, last, 3, mail)
	l4.Patch(other, fields{"subject": nil}).Want(200)
	repeats(h, last, 2, mail)
	h.As("l5").Delete(mail).Want(204)
	repeats(h, last, 1, first)
	h.As("l5").Post(mail+"/restore", nil).Want(200)
	repeats(h, last, 2, mail)

	hidden := h.As("l6").Post("/complaints", fields{
		"title": "Quiet word", "description": "Not for all.", "channel": "call", "category": "environment", "subject": "Unloading", "anonymous": true,
		"received_at": "2026-11-01T10:00:00Z", "sensitivity": "restricted",
	}).Want(201)
	repeats(h, last, 2, mail)
	h.As("l6").Patch("/complaints/"+hidden.ID(), fields{"sensitivity": "internal"}).Want(200)
	repeats(h, last, 3, "/complaints/"+hidden.Text("ref"))
	rebuilt(h)
}

// Of many that an earlier complaint makes repeats, and of those of a file, the register
// computes anew by a job, one for all that came within a minute.
func TestManyRepeatsAreComputedByAJob(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	rows := []string{"title,description,channel,category,subject,anonymous,received_at,state"}
	for i := range 110 {
		rows = append(rows, fmt.Sprintf("Noise,At night,call,environment,Lorries,true,2026-11-%02dT%02d:%02d:00Z,received", 20-i/10, 10, 59-i%10))
	}
	h.As("l6").With("Content-Type", "text/csv").Post("/imports?collection=complaints&adopt=true&mode=commit", strings.Join(rows, "\n")).Want(202)
	h.RunJobs()
	newest := "/complaints/" + h.As("l6").Get("/complaints?sort=-received_at&limit=1").Want(200).Text("data.0.ref")
	repeats(h, newest, 0, "")
	h.Clock.Forward(3 * time.Minute)
	if n := h.RunJobs(); n != 1 {
		t.Errorf("%d jobs for one file", n)
	}
	repeats(h, newest, 99, "") // as far as it is counted
	earliest := complained(h, fields{"received_at": "2026-11-01T10:00:00Z", "subject": "Lorries"})
	complained(h, fields{"received_at": "2026-11-01T09:00:00Z", "subject": "Lorries"})
	h.Clock.Forward(3 * time.Minute)
	if n := h.RunJobs(); n != 1 {
		t.Errorf("%d jobs for two complaints of one minute", n)
	}
	repeats(h, earliest, 1, "")
	rebuilt(h)
}
