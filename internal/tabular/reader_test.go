package tabular

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// read detects and reads a text to its end.
func read(t *testing.T, text string, o Options) (*Reader, []Row) {
	t.Helper()
	found, err := DetectFile(strings.NewReader(text), o)
	if err != nil {
		t.Fatalf("detect: %v", err)
	}
	r, err := Open(iotest.HalfReader(strings.NewReader(text)), found)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return r, rest(t, r)
}

func rest(t *testing.T, r *Reader) []Row {
	t.Helper()
	var all []Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		all = append(all, row)
	}
}

// told writes rows the short way: cells joined by |, or the code of the fault.
func told(rows []Row) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = strings.Join(row.Cells, "|")
		if row.Fault != nil {
			out[i] = "!" + string(row.Fault.Code)
		}
	}
	return out
}

func TestRowsOfEveryShape(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"plain", "name,email\nAda,a@x.org\n", []string{"Ada|a@x.org"}},
		{"without a last line end", "name,email\nAda,a@x.org", []string{"Ada|a@x.org"}},
		{"CRLF", "name;email\r\nAda;a\r\nBob;b\r\n", []string{"Ada|a", "Bob|b"}},
		{"CR alone", "name;email\rAda;a\rBob;\"b\nc\"\r", []string{"Ada|a", "Bob|b\nc"}},
		{"CR CR LF", "name;email\r\r\nAda;a\r\r\nBob;b\r\r\n", []string{"Ada|a", "Bob|b"}},
		{"a CR in a cell", "name;email\nA\rda;a\nBob;b\n", []string{"A\rda|a", "Bob|b"}},
		{"lines in a cell", "name,notes\nAda,\"one\r\ntwo, \"\"three\"\"\"\nBob,x\n", []string{"Ada|one\r\ntwo, \"three\"", "Bob|x"}},
		{"sep line", "sep=|\r\nname|email\r\nAda|a;b\r\n", []string{"Ada|a;b"}},
		{"spaces around quotes", "name, notes\nAda, \"a, b\" \nBob, x\n", []string{"Ada|a, b", "Bob| x"}},
		{"empty rows", "name,email\n\nAda,a\n,\n  \nBob,b\n\n", []string{"Ada|a", "Bob|b"}},
		{"an unquoted quote is text", "name,notes\nAda,5\" pipe\nBob \"B\" Lee,x\n", []string{"Ada|5\" pipe", "Bob \"B\" Lee|x"}},
		{"one column with commas in it", "address\nBerlin, Germany\nRome, Italy\n", []string{"Berlin, Germany", "Rome, Italy"}},
		{"decimal commas", "name;sum\nA;1,5\nB;2,5\n", []string{"A|1,5", "B|2,5"}},
		{"no header", "Ada,a@x.org,2026-01-02\nBob,b@x.org,2026-01-03\n", []string{"Ada|a@x.org|2026-01-02", "Bob|b@x.org|2026-01-03"}},
		{"empty cells too many", "name,email\nAda,a,,\n", []string{"Ada|a"}},
		{"too few and too many", "name,email\nAda\nBob,b,c\nCy,c\n", []string{"!wrong_cell_count", "!wrong_cell_count", "Cy|c"}},
		{"nameless columns may be missing", "name;email;;\nAda;a\nBob;b;;\n", []string{"Ada|a||", "Bob|b||"}},
		{"a quote out of place", "name,notes\n\"Ada\" x,1\nBob,2\n", []string{"!bare_quote", "Bob|2"}},
		{"a comma after a quote out of place", "name,notes,x\n1,\"say \"hi\nyou\", and\",3\nBob,2,3\n", []string{"!bare_quote", "!bare_quote", "Bob|2|3"}},
		{"quotes out of place over two lines", "name,notes,x\n1,\"one \"q\" more\ntwo\",3\nBob,2,3\n", []string{"!bare_quote", "Bob|2|3"}},
		{"a quote that never closes", "name,notes\nAda,\"open\nBob,2\nCy,3\n", []string{"!unclosed_quote", "Bob|2", "Cy|3"}},
		{"a quote that the next row closes", "name,notes,x\nAda,\"open,1\nBob,\"b\",2\nCy,3,3\n", []string{"!unclosed_quote", "Bob|b|2", "Cy|3|3"}},
		{"NUL", "name,notes\nAda,a\x00b\nBob,2\n", []string{"!invalid_character", "Bob|2"}},
		{"neutralised formulas", "name,notes\nAda,'=1+1\nBob,it's\nCy,''=x\n", []string{"Ada|=1+1", "Bob|it's", "Cy|'=x"}},
		{"formulas not neutralised", "name,notes\nAda,'=1+1\nBob,=2\nCy,+49 30\n", []string{"Ada|'=1+1", "Bob|=2", "Cy|+49 30"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, rows := read(t, tt.text, Options{})
			if got := told(rows); !slices.Equal(got, tt.want) {
				t.Errorf("want %q, got %q", tt.want, got)
			}
		})
	}
}

func TestNumbersAreThoseOfASpreadsheet(t *testing.T) {
	_, rows := read(t, "sep=;\nname;notes\nAda;\"one\ntwo\"\n;\nBob;\"x\nCy;3\n", Options{})
	want := [][2]int{{1, 3}, {3, 6}, {4, 7}}
	for i, row := range rows {
		if got := [2]int{row.Number, row.Line}; got != want[i] {
			t.Errorf("row %d: want number and line %v, got %v", i, want[i], got)
		}
	}
	if rows[1].Fault == nil || !slices.Equal(rows[1].Raw, []string{"Bob", "x"}) {
		t.Errorf("want the raw cells of the faulty row, got %q %v", rows[1].Raw, rows[1].Fault)
	}
}

func TestSkipToGoesOnWhereItStopped(t *testing.T) {
	csv := "name,n\nA,1\n\n\"B\nb\",3\nC\nD,5\n"
	lines := `{"n":1}` + "\n\n" + `{"n":3}` + "\nno\n" + `{"n":5}` + "\n"
	for _, text := range []string{csv, lines} {
		_, all := read(t, text, Options{})
		for n := 0; n <= 7; n++ {
			r, err := Open(strings.NewReader(text), must(t, text))
			if err != nil {
				t.Fatal(err)
			}
			err = r.SkipTo(n)
			want := slices.DeleteFunc(slices.Clone(all), func(r Row) bool { return r.Number < n })
			if errors.Is(err, io.EOF) != (len(want) == 0) {
				t.Fatalf("skip to %d: %v", n, err)
			}
			if got := told(rest(t, r)); !slices.Equal(got, told(want)) {
				t.Errorf("skip to %d: want %q, got %q", n, told(want), got)
			}
		}
	}
}

func must(t *testing.T, text string) Detected {
	t.Helper()
	found, err := Detect([]byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestHeaderNamesAreTidyAndUnique(t *testing.T) {
	r, _ := read(t, "\uFEFF Name ,\"Phone\n(work)\",Phone,Phone,\nA,1,2,3,4\n", Options{})
	want := []string{"Name", "Phone (work)", "Phone", "Phone (2)", "column 5"}
	if got := r.Header(); !slices.Equal(got, want) {
		t.Errorf("want %q, got %q", want, got)
	}
}

func TestBoundsAreFaults(t *testing.T) {
	wide := strings.Repeat("x,", MaxColumns+5) + "x"
	long := strings.Repeat("y", MaxCell+1)
	_, rows := read(t, "a,b\n"+wide+"\n"+long+",1\n"+strings.Repeat("z", 2*MaxRow)+",1\nA,1\n", Options{})
	want := []string{"!wrong_cell_count", "!cell_too_long", "!row_too_long", "A|1"}
	if got := told(rows); !slices.Equal(got, want) {
		t.Errorf("want %q, got %q", want, got)
	}
	if n := len(rows[0].Raw); n > MaxColumns+1 {
		t.Errorf("want a bounded row, got %d cells", n)
	}
	for text, code := range map[string]Code{
		wide + "\n1,2\n": TooManyColumns,
		strings.Repeat("n", MaxName+1) + ",b\n1,2\n": NameTooLong,
		"a,\"b\n1,2\n": UnclosedQuote,
	} {
		found := must(t, text)
		found.Header = true
		_, err := Open(strings.NewReader(text), found)
		if own := (*Error)(nil); !errors.As(err, &own) || own.Code != code {
			t.Errorf("want %s, got %v", code, err)
		}
	}
}

func TestNDJSON(t *testing.T) {
	text := `{"name":"Ada","group":{"name":"Org","n":1.50},"tags":["a", "b"],"x":null}
{"name":"Bob","late":true}
{"name":
["Cy"]

{"name":"D","name":"E"}
{"name":"F"} {"name":"G"}
`
	r, rows := read(t, text, Options{})
	want := []string{`Ada|Org|1.50|["a","b"]|`, "Bob|true", "!invalid_json", "!invalid_json", "!duplicate_name", "!invalid_json"}
	if got := told(rows); !slices.Equal(got, want) {
		t.Errorf("want %q, got %q", want, got)
	}
	if got := r.Header(); !slices.Equal(got, []string{"name", "group.name", "group.n", "tags", "x", "late"}) {
		t.Errorf("header is %q", got)
	}
	if n := rows[4].Number; n != 6 {
		t.Errorf("want row 6 after an empty line, got %d", n)
	}
	if cell, ok := rows[0].Get("group.name"); !ok || cell != "Org" {
		t.Errorf("get group.name: %q %v", cell, ok)
	}
	if _, ok := rows[1].Get("x"); ok {
		t.Error("a name that a line lacks must not be there as an empty cell")
	}
}

func TestErrorsOfTheReaderComeOut(t *testing.T) {
	broken := errors.New("disk on fire")
	r, err := Open(io.MultiReader(strings.NewReader("a,b\n1,2\n"), iotest.ErrReader(broken)), Detected{Format: CSV, Encoding: "utf-8", Delimiter: ",", Header: true})
	if err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, broken) {
		t.Errorf("want the reader's error, got %v", err)
	}
}

// TestExcerpts reads the first rows of files that others published.
func TestExcerpts(t *testing.T) {
	for _, tt := range []struct {
		file, encoding string
		columns, rows  int
		first          string
	}{
		{"csvtext_BOM_UTF8.csv", "utf-8", 3, 2, "row1-1"},
		{"csvtext_BOM_UTF16LE.csv", "utf-16le", 3, 2, "row1-1"},
		{"csvtext_BOM_UTF16BE.csv", "utf-16be", 3, 2, "row1-1"},
		{"csvEscapedQuotes.csv", "utf-8", 2, 2, `"The Best" Account`},
		{"dateEndingInZ.csv", "utf-8", 9, 1, "account insert #0"},
		{"accountsForInsert.csv", "utf-8", 4, 4, "Company A"},
		{"google-contacts.csv", "utf-8", 129, 2, "update"},
		{"publicbodies-de.csv", "utf-8", 18, 8, "de/10-panzerdivision"},
		{"publicbodies-gr.csv", "utf-8", 18, 3, "gr/presidency"},
		{"dotgov-agencies.csv", "utf-8", 2, 11, "400 Years of African-American History Commission"},
		{"sp500.csv", "utf-8", 8, 7, "MMM"},
		{"nasa-lessons.cp1252.csv", "windows-1252", 15, 2, ""},
	} {
		t.Run(tt.file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			r, rows := read(t, string(text), Options{})
			if r.Detected().Encoding != tt.encoding || len(r.Header()) != tt.columns || len(rows) != tt.rows {
				t.Fatalf("got %s, %d columns, %d rows", r.Detected().Encoding, len(r.Header()), len(rows))
			}
			for _, row := range rows {
				if row.Fault != nil {
					t.Errorf("row %d: %v", row.Number, row.Fault)
				}
			}
			if tt.first != "" && rows[0].Cells[0] != tt.first {
				t.Errorf("want %q first, got %q", tt.first, rows[0].Cells[0])
			}
		})
	}
}
