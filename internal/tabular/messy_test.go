package tabular

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// TestAMessyFileFromGermanExcel follows a file from upload to values, and its
// failed rows back out.
func TestAMessyFileFromGermanExcel(t *testing.T) {
	text := strings.ReplaceAll(`Kundennummer;Name;E-Mail;Firma;Telefon;Angelegt am;Umsatz;Aktiv
K-1;Jürgen Müller;jm@example.org;Höfe & Söhne;+49 30 1;31.12.2026;1.234,50;ja
K-2;Zoë "Zo" Weiß;;Höfe & Söhne;'-;01.02.2026;12,00;nein
K-2;Zoë "Zo" Weiß;;Höfe & Söhne;'-;01.02.2026;12,00;nein
K-3;=HYPERLINK("http://example.org");x@example.org;;;30.02.2026;n/a;x
K-4;zu kurz
;;;;;;;
K-5;"Last, ""the"" one
of all";l@example.org;;;2026-05-06;-3;0
`, "\n", "\r\n")
	upload, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	r, rows := read(t, upload, Options{})
	want := Detected{Format: CSV, Encoding: "windows-1252", Delimiter: ";", Header: true, LineEnd: CRLF, Neutralised: true}
	if r.Detected() != want {
		t.Errorf("want %+v, got %+v", want, r.Detected())
	}
	wantTargets(t, r.Header(), "external_id name email organisation phone created  ")
	if got := []int{rows[4].Number, rows[5].Number}; !slices.Equal(got, []int{5, 7}) || rows[4].Fault == nil {
		t.Errorf("want row 5 at fault and row 6 empty, got %v %v", got, rows[4].Fault)
	}
	wantValues(t, rows)
}

func wantTargets(t *testing.T, header []string, want string) {
	t.Helper()
	var targets []Target
	for _, concept := range Concepts() {
		targets = append(targets, Target{Name: concept, Synonyms: Synonyms(concept)})
	}
	for i, name := range strings.Split(want, " ") {
		if i < len(header) && Guess(header, targets)[i].Target != name {
			t.Errorf("%s: want %q, got %+v", header[i], name, Guess(header, targets)[i])
		}
	}
}

func wantValues(t *testing.T, rows []Row) {
	t.Helper()
	var dates, sums []string
	for _, row := range rows {
		if row.Fault == nil {
			dates, sums = append(dates, row.Cells[5]), append(sums, row.Cells[6])
		}
	}
	format, decimal := GuessDates(dates), GuessDecimal(sums)
	if format != "DD.MM.YYYY" || decimal != DecimalComma {
		t.Errorf("guessed %q and %q", format, decimal)
	}
	for i, want := range []string{"2026-12-31", "2026-02-01", "2026-02-01", "!invalid_date", "2026-05-06"} {
		if got := codeOf(ParseDate(dates[i], format)); got != want {
			t.Errorf("%s: want %s, got %s", dates[i], want, got)
		}
	}
	for i, want := range []string{"1234.50", "12.00", "12.00", "!invalid_number", "-3"} {
		if got := codeOf(ParseNumber(sums[i], decimal)); got != want {
			t.Errorf("%s: want %s, got %s", sums[i], want, got)
		}
	}
}
