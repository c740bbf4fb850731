package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/internal/testkit"
)

// What was entered elsewhere long ago stands in lists by created_at where it
// belongs: among old ones, and before all that was entered here.
func TestAdoptedRecordsStandWhereTheyBelongInTime(t *testing.T) {
	h := testkit.Open(t)
	h.As("l4").Post("/stakeholders", `{"name":"Entered first here","kind":"group"}`).Want(201)
	file := strings.Join([]string{
		"ref,name,kind,created_at",
		"STK-903,Of 2021,organisation,2021-05-01T10:00:00Z",
		"STK-901,Of 1999,organisation,1999-12-31",
		"STK-902,Of 2019,organisation,2019-03-01",
		"STK-904,Of today,organisation,2026-11-22T08:59:00Z",
		"STK-905,Too old,organisation,1969-12-31",
	}, "\n")
	im := handIn(t, h, "l6", "adopt=true&mode=commit", file)
	wantCounts(t, im, "committed", "rows=5 created=4 invalid=1")
	if f := h.As("l6").Get("/imports/" + im.ID() + "/errors").Want(200); f.Text("data.0.field") != "created_at" || f.Text("data.0.code") != "out_of_range" {
		t.Errorf("not told: %s", f.Body)
	}
	h.Clock.Forward(time.Minute)
	h.As("l4").Post("/stakeholders", `{"name":"Entered last here","kind":"group"}`).Want(201)
	want := []string{"Of 1999", "Of 2019", "Of 2021", "Of today", "Entered first here", "Entered last here"}
	if got := walk(h, "sort=created_at"); !slices.Equal(got, want) {
		t.Errorf("by created_at: %q", got)
	}
	slices.Reverse(want)
	if got := walk(h, "sort=-created_at"); !slices.Equal(got, want) {
		t.Errorf("by -created_at: %q", got)
	}
}

// A row whose record is refused only when it is put, because another has its number,
// is refused alone: those beside it stand, each with one entry, and a trial says the same.
func TestAdoptedRowThatFailsHalfwayFailsAlone(t *testing.T) {
	h := testkit.Open(t)
	file := "ref,name,kind\nSTK-903,First,organisation\nSTK-903,Of the same number,organisation\nSTK-904,Second,organisation\n,No kind,\n"
	wantCounts(t, handIn(t, h, "l6", "adopt=true", file), "checked", "rows=4 would_create=2 invalid=2")
	before := h.Entries()
	im := handIn(t, h, "l6", "adopt=true&mode=commit", file)
	wantCounts(t, im, "committed", "rows=4 created=2 invalid=2")
	if f := h.As("l6").Get("/imports/" + im.ID() + "/errors").Want(200); f.Text("data.0.row") != "2" || f.Text("data.0.code") != "duplicate" || f.Text("data.1.row") != "4" {
		t.Errorf("not told: %s", f.Body)
	}
	if got := walk(h, "sort=created_at"); !slices.Equal(got, []string{"First", "Second"}) || h.Entries() != before+2 {
		t.Errorf("there are %q, and %d entries more", got, h.Entries()-before)
	}
	if v := h.As("admin").Get("/audit/verify").Want(200); v.Text("valid") != "true" {
		t.Errorf("the chain does not hold: %s", v.Body)
	}
}

// What was assessed elsewhere comes in as it was there, though nobody answers for it or
// less is known of it than is asked for here, and is worked on and brought back like any other.
func TestAdoptedIssueNeedsNoOwner(t *testing.T) {
	h := testkit.Open(t)
	row := fields{"state": "triaged", "raised_at": "2026-11-01T10:00:00Z", "triaged_at": "2026-11-02T10:00:00Z"}
	adopted(h, "issues", []fields{
		merged(row, fields{"ref": "ISS-901", "title": "Nobody's", "category": "environment", "urgency": "high"}),
		merged(row, fields{"ref": "ISS-902", "title": "Unknown", "owner_id": h.People["l5"]}),
	})
	l5 := h.As("l5")
	nobodys, unknown := "/issues/ISS-901", "/issues/ISS-902"
	l5.Patch(nobodys, fields{"channel": "email"}).Want(200)
	l5.Delete(nobodys).Want(204)
	l5.Post(nobodys+"/restore", nil).Want(200)
	l5.Patch(nobodys, fields{"owner_id": h.People["l5"]}).Want(200)
	l5.Patch(nobodys, fields{"owner_id": nil}).Want(422).Fault("#/owner_id", "conflicts_with")
	shows(l5.Patch(unknown, fields{"channel": "email"}).Want(200), "owner_id", h.People["l5"])
}

// walk reads the names of all stakeholders, page by page.
func walk(h *testkit.House, query string) (names []string) {
	h.T.Helper()
	for path := "/stakeholders?limit=2&" + query; path != ""; {
		page := h.As("l6").Get(path).Want(200)
		for i := range page.Len("data") {
			names = append(names, page.Text(fmt.Sprintf("data.%d.name", i)))
		}
		path = strings.TrimPrefix(page.Text("page.next"), "/api/v1")
	}
	return names
}

// A column that names records by their keys elsewhere finds those that the importer
// sees: a hidden one is answered like one that is not there.
func TestImportFindsNoHiddenRecordByItsKeyElsewhere(t *testing.T) {
	h := testkit.Open(t)
	known := func(name, key, sensitivity string) {
		h.As("l6").Post("/stakeholders", fields{"name": name, "kind": "organisation", "sensitivity": sensitivity, "external_ids": []fields{{"system": "import", "key": key}}}).Want(201)
	}
	known("Harbour Board", "K-1", "internal")
	known("Prospective buyer", "K-2", "restricted")
	file := "title,stakeholder\nSeen,K-1\nHidden,K-2\nNone,K-3\n"
	im := h.As("l4").With("Content-Type", "text/csv").Post("/imports?collection=issues", file).Want(202)
	h.RunJobs()
	wantCounts(t, h.As("l4").Get("/imports/"+im.ID()).Want(200), "checked", "rows=3 would_create=1 invalid=2")
	faults := h.As("l4").Get("/imports/" + im.ID() + "/errors").Want(200)
	for _, member := range []string{"code", "detail", "field", "column"} {
		if hidden, none := faults.Text("data.0."+member), faults.Text("data.1."+member); hidden != none || hidden == "" {
			t.Errorf("%s tells a hidden one from none: %q and %q", member, hidden, none)
		}
	}
}

// Who entered a record elsewhere is not taken for when: the column finds no field.
func TestWhoEnteredARecordIsNotWhen(t *testing.T) {
	h := testkit.Open(t)
	for _, heading := range []string{"created_by", "Created by", "Erstellt von"} {
		im := handIn(t, h, "l6", "adopt=true", "name,kind,"+heading+"\nHarbour Board,organisation,Ana Pop\n")
		wantCounts(t, im, "checked", "rows=1 would_create=1")
		if got := im.Text("mapping." + heading); got != "" {
			t.Errorf("%s is taken for %s: %s", heading, got, im.Body)
		}
	}
}
