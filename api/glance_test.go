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
