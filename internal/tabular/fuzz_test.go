package tabular

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzRead detects and reads anything. It must come to an end, within bounds,
// with every line of the file passed at most once, and an errors file must
// hold what was read.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "a,b\n1,2\n", "sep=;\r\na;b\r\n1;\"x\ny\"\r\n", "a\tb\r1\t2\r", "\uFEFFa|b\n\"1\"|\"2\n", umlauts1,
		"\xff\xfea\x00,\x00b\x00\n\x00", "{\"a\":{\"b\":[1]}}\n{\"c\":null}\n", "a,b\n\"x\" y,\"z\n1, \"2, 3\" ,\n",
		"M\xfcller;a\n'=1;=2\n", "\"\n\"\n\"x\n", "a,b,c\n1,\"2\n3,4,\"5\",6\n",
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), "semicolon")
	}
	f.Fuzz(func(t *testing.T, text []byte, delimiter string) {
		found, err := DetectFile(bytes.NewReader(text), Options{Delimiter: delimiter})
		if err != nil {
			wantOwn(t, err)
			return
		}
		var again Detected
		if stored, err := json.Marshal(found); err != nil || json.Unmarshal(stored, &again) != nil || again != found {
			t.Fatalf("stored %+v, came back %+v", found, again)
		}
		r, err := Open(bytes.NewReader(text), found)
		if err != nil {
			wantOwn(t, err)
			return
		}
		rows := fuzzRows(t, r, len(text))
		if found.Format == CSV {
			fuzzErrorsFile(t, r, rows)
		}
		if len(rows) > 0 {
			fuzzSkip(t, text, found, rows)
		}
	})
}

func wantOwn(t *testing.T, err error) {
	t.Helper()
	if own := (*Error)(nil); !errors.As(err, &own) || own.Detail == "" {
		t.Fatalf("want an error of our own, got %v", err)
	}
}

func fuzzRows(t *testing.T, r *Reader, size int) []Row {
	t.Helper()
	var rows []Row
	last := Row{}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		if row.Number <= last.Number || row.Line <= last.Line || row.Number > size+1 {
			t.Fatalf("row %d, line %d after row %d, line %d", row.Number, row.Line, last.Number, last.Line)
		}
		if row.Fault == nil && len(row.Cells) != len(row.Names) || len(row.Raw) > MaxColumns+1 {
			t.Fatalf("row %d has %d cells for %d names", row.Number, len(row.Cells), len(row.Names))
		}
		last, rows = row, append(rows, row)
	}
}

// fuzzErrorsFile wants what was uploaded to come back from the errors file.
func fuzzErrorsFile(t *testing.T, r *Reader, rows []Row) {
	t.Helper()
	if slices.Contains(r.Header(), ErrorColumn) {
		return
	}
	var out bytes.Buffer
	w := NewErrorsWriter(&out, r)
	for _, row := range rows {
		if err := w.Write(row, "wrong"); err != nil {
			t.Fatalf("write row %d: %v", row.Number, err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	found := Detected{Format: CSV, Encoding: utf8Name, Delimiter: r.found.Delimiter, Header: true, Neutralised: true}
	if len(r.Header()) == MaxColumns {
		return
	}
	second, err := Open(&out, found)
	if err != nil {
		t.Fatalf("open the errors file: %v", err)
	}
	for _, row := range rows {
		back, err := second.Next()
		if err != nil {
			t.Fatalf("row %d of the errors file: %v", row.Number, err)
		}
		width := len(r.Header())
		if row.Fault == nil && (back.Fault != nil || !slices.Equal(back.Cells[:width], row.Cells)) {
			t.Fatalf("row %d: %q came back as %q %v", row.Number, row.Cells, back.Cells, back.Fault)
		}
	}
}

func fuzzSkip(t *testing.T, text []byte, found Detected, rows []Row) {
	t.Helper()
	want := rows[len(rows)/2]
	r, err := Open(bytes.NewReader(text), found)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.SkipTo(want.Number); err != nil {
		t.Fatalf("skip to %d: %v", want.Number, err)
	}
	got, err := r.Next()
	if err != nil || got.Number != want.Number || got.Line != want.Line || !slices.Equal(got.Raw, want.Raw) {
		t.Fatalf("skip to %d: want %+v, got %+v %v", want.Number, want, got, err)
	}
}

// FuzzWellFormed compares with encoding/csv on what that one writes.
func FuzzWellFormed(f *testing.F) {
	f.Add("a", "b\nc", "\"", "x,y", false)
	f.Add(" a", "\r\n", " \"q\"", "", true)
	f.Fuzz(func(t *testing.T, a, b, c, d string, cr bool) {
		cells := [][]string{{a, b}, {c, d}}
		for _, row := range cells {
			for i := range row {
				row[i] = strings.ReplaceAll(strings.ToValidUTF8(row[i], "?"), "\x00", "")
				if cr { // in a file of CR lines, the writer's LF is one more line end
					row[i] = strings.NewReplacer("\r", "", "\n", "").Replace(row[i])
				}
			}
			if strings.TrimSpace(row[0]+row[1]) == "" {
				return
			}
		}
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		_ = w.Write([]string{"one", "two"}) // into memory
		_ = w.WriteAll(cells)
		found := Detected{Format: CSV, Encoding: utf8Name, Delimiter: ",", Header: true, LineEnd: LF}
		if cr {
			found.LineEnd = CR
		}
		r, err := Open(&out, found)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range cells {
			row, err := r.Next()
			if err != nil || row.Fault != nil || !slices.Equal(row.Cells, want) {
				t.Fatalf("want %q, got %q %v %v", want, row.Cells, row.Fault, err)
			}
		}
	})
}

func FuzzDates(f *testing.F) {
	for _, seed := range []string{"2026-12-31T10:00:00.123+02:00", "31.12.26 1:05 PM", "03/04/2026", "1/1/1", "", "9999-12-31T23:59-14"} {
		f.Add(seed, "")
		f.Add(seed, "DD/MM/YYYY")
	}
	f.Fuzz(func(t *testing.T, value, format string) {
		GuessDates([]string{value, format})
		day, err := ParseDate(value, DateFormat(format))
		if err != nil {
			wantOwn(t, err)
			return
		}
		if back, err := ParseDate(day, DateFormat(format)); err != nil || back != day {
			t.Fatalf("%q is %q, which is %q %v", value, day, back, err)
		}
		instant, err := ParseInstant(value, DateFormat(format), time.UTC)
		if err != nil {
			wantOwn(t, err)
			return
		}
		if back, err := ParseInstant(instant, DateFormat(format), nil); err != nil || back != instant {
			t.Fatalf("%q is %q, which is %q %v", value, instant, back, err)
		}
	})
}

func FuzzNumbers(f *testing.F) {
	for _, seed := range []string{"1.234,50", "1,234.50", "-.5", "1'234", "1e5", "007", "", "1.234", "5-", "−0,00"} {
		f.Add(seed, "")
		f.Add(seed, ",")
	}
	f.Fuzz(func(t *testing.T, value, decimal string) {
		GuessDecimal([]string{value, decimal})
		_, _ = ParseBool(value)
		number, err := ParseNumber(value, Decimal(decimal))
		if err != nil {
			wantOwn(t, err)
			return
		}
		var n json.Number
		if json.Unmarshal([]byte(number), &n) != nil || len(number) > 70 {
			t.Fatalf("%q is %q, which is no JSON number", value, number)
		}
		if _, err := n.Float64(); err != nil {
			t.Fatalf("%q is %q: %v", value, number, err)
		}
		if back, err := ParseNumber(number, DecimalPoint); err != nil || back != number {
			t.Fatalf("%q is %q, which is %q %v", value, number, back, err)
		}
	})
}

func FuzzFormulas(f *testing.F) {
	f.Add("=1")
	f.Add("''=1")
	f.Fuzz(func(t *testing.T, cell string) {
		safe := NeutraliseFormula(cell)
		if leadsFormula(safe) || RestoreFormula(safe) != cell {
			t.Fatalf("%q became %q and came back as %q", cell, safe, RestoreFormula(safe))
		}
	})
}

func FuzzGuess(f *testing.F) {
	f.Add("E-Mail", "email", "Straße")
	f.Fuzz(func(t *testing.T, header, name, synonym string) {
		got := Guess([]string{header, name}, []Target{{Name: name, Label: synonym, Synonyms: []string{synonym}}})
		for _, m := range got {
			if m.Confidence < 0 || m.Confidence > 1 || m.Target != "" && m.Target != name {
				t.Fatalf("%+v", m)
			}
		}
	})
}
