package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// A list by a common word of an enumeration, in an order that no access path has, is
// found among the first records in that order; by a rare word it is read as ever. What
// it holds is the same.
func TestListsByCommonWords(t *testing.T) {
	h := testkit.Open(t).Contract()
	if h.DB.Dialect() == "postgres" {
		t.Skip("it knows which words are common")
	}
	l4 := h.As("l4")
	var operations []fields
	for i := range 60 {
		kind := "group"
		if i%20 == 7 {
			kind = "organisation"
		}
		operations = append(operations, fields{"op": "create", "body": fields{"name": fmt.Sprintf("Neighbours %02d of the quay", 60-i), "kind": kind}})
	}
	l4.Statements("POST", "/stakeholders/batch?allow_duplicate=true", batchOf(true, operations...))
	for _, c := range []struct {
		query  string
		looked []bool // whether a statement only looked at the first records
		names  string
	}{
		{"kind=group&sort=created_at&limit=2", []bool{true}, "60 59"},
		{"kind=organisation&sort=-created_at&limit=2", []bool{true}, "13 33"},
		{"kind=organisation&sort=created_at&limit=5", []bool{true, false}, "53 33 13"},
		{"kind=group&sort=name&limit=2", []bool{false}, "01 02"}, // an access path
		{"kind=group&kind.ne=organisation&sort=-created_at&limit=1", []bool{true}, "01"},
		{"kind=group&name.starts=neighbours&sort=created_at&limit=1", []bool{false}, "60"},
	} {
		r, statements := l4.Statements("GET", "/stakeholders?"+c.query, nil)
		var looked []bool
		for _, s := range statements {
			if strings.Contains(s, "ORDER BY") {
				looked = append(looked, strings.Contains(s, "CROSS JOIN"))
			}
		}
		var names []string
		for i := range r.Want(200).Len("data") {
			names = append(names, strings.Fields(r.Text(fmt.Sprintf("data.%d.name", i)))[1])
		}
		if !slices.Equal(looked, c.looked) || strings.Join(names, " ") != c.names {
			t.Errorf("%s: %v, statements looked %v", c.query, names, looked)
		}
	}
}

// A list by words that very many have, or by their beginnings, is found among the first
// records in its order too; what it holds is what the index says.
func TestListsByCommonWordsOfTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("it enters thousands")
	}
	h := testkit.Open(t).Contract()
	if h.DB.Dialect() == "postgres" {
		t.Skip("it knows which words are common")
	}
	h.Quick = true
	l4 := h.As("l4")
	for batch := range 11 {
		var operations []fields
		for i := range 200 {
			body := fields{"name": fmt.Sprintf("Neighbours %04d of the quay", batch*200+i), "kind": "group"}
			if i%50 == 7 {
				body["description"] = "Noisy ferries at night"
			}
			operations = append(operations, fields{"op": "create", "body": body})
		}
		l4.Post("/stakeholders/batch?allow_duplicate=true", batchOf(true, operations...)).Want(200)
	}
	h.As("l6").Post("/stakeholders?allow_duplicate=true", fields{"name": "Neighbours 9999 of the quay", "kind": "group", "sensitivity": "restricted"}).Want(201)
	for _, c := range []struct {
		query  string
		looked bool // whether the first records in the order were looked through
		names  string
	}{
		{"q=neighb&sort=-created_at&limit=2", true, "2199 2198"},
		{"q=quay+neighbours&sort=name&limit=2", true, "0000 0001"},
		{"q=Neighbours&kind=group&sort=-name&limit=2", true, "2199 2198"},
		{"q=neighbours+2198&sort=-created_at&limit=2", false, "2198"},
		{"q=ferries&sort=created_at&limit=2", false, "0007 0057"},
		{"q=neighbours+x&limit=2", false, ""},
	} {
		r, statements := l4.Statements("GET", "/stakeholders?"+c.query, nil)
		looked := slices.ContainsFunc(statements, func(s string) bool { return strings.Contains(s, "_fts_content") })
		var names []string
		for i := range r.Want(200).Len("data") {
			names = append(names, strings.Fields(r.Text(fmt.Sprintf("data.%d.name", i)))[1])
		}
		if looked != c.looked || strings.Join(names, " ") != c.names {
			t.Errorf("%s: %v, looked %v", c.query, names, looked)
		}
	}
	seen := 0
	for at := "/stakeholders?q=neighbours&sort=name&limit=200"; at != ""; {
		page := l4.Get(at).Want(200)
		seen += page.Len("data")
		if at = ""; page.Text("page.next_cursor") != "" {
			at = "/stakeholders?q=neighbours&sort=name&limit=200&cursor=" + page.Text("page.next_cursor")
		}
	}
	if seen != 2200 {
		t.Errorf("page by page there are %d", seen)
	}
}
