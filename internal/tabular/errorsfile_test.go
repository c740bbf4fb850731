package tabular

import (
	"slices"
	"strings"
	"testing"
)

// failed writes all rows of a text to an errors file.
func failed(t *testing.T, text string) string {
	t.Helper()
	r, rows := read(t, text, Options{})
	var out strings.Builder
	w := NewErrorsWriter(&out, r)
	for _, row := range rows {
		problem := "wrong"
		if row.Fault != nil {
			problem = string(row.Fault.Code)
		}
		if err := w.Write(row, problem); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestErrorsFile(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{
			"rows as uploaded", "Name;E-Mail\r\nMüller;foo@\r\n\"a;b\";\"x\ny\"\r\n",
			"\uFEFFName;E-Mail;_error\nMüller;foo@;wrong\n\"a;b\";\"x\ny\";wrong\n",
		},
		{
			"too few and too many cells", "name,email\nAda\nBob,b,c\n",
			"\uFEFFname,email,_error\nAda,,wrong_cell_count\nBob,b,wrong_cell_count,c\n",
		},
		{
			"a formula does not run", "name,notes\nAda,=HYPERLINK(1)\nBob,=2\n",
			"\uFEFFname,notes,_error\nAda,'=HYPERLINK(1),wrong\nBob,'=2,wrong\n",
		},
		{"nor is it neutralised twice", "name,notes\nAda,'=1\n", "\uFEFFname,notes,_error\nAda,'=1,wrong\n"},
		{"sent again, it has one column of errors", "name,_error,notes\nAda,old,x\n", "\uFEFFname,notes,_error\nAda,x,wrong\n"},
		{"no row failed", "name,notes\n", "\uFEFFname,notes,_error\n"},
		{
			"NDJSON", "{\"a\":1}\nnonsense\n{}\n{\"_error\":\"old\"}\n",
			"{\"a\":1,\"_error\":\"wrong\"}\n{\"_line\":\"nonsense\",\"_error\":\"invalid_json\"}\n{\"_error\":\"wrong\"}\n{\"_error\":\"wrong\"}\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failed(t, tt.text); got != tt.want {
				t.Errorf("want\n%s\ngot\n%s", tt.want, got)
			}
		})
	}
}

func TestErrorsFileCanBeSentAgain(t *testing.T) {
	text := "Name;Telefon;Notiz\nMüller;+49 30 1;\"say \"\"hi\"\"\nthere\"\nŽák;'x;=1\n"
	_, before := read(t, text, Options{})
	r, after := read(t, failed(t, text), Options{})
	if got := r.Header(); !slices.Equal(got, []string{"Name", "Telefon", "Notiz", ErrorColumn}) {
		t.Fatalf("header is %q", got)
	}
	for i := range before {
		if !slices.Equal(before[i].Cells, after[i].Cells[:3]) {
			t.Errorf("want %q, got %q", before[i].Cells, after[i].Cells)
		}
	}
}
