package tabular

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// codeOf is the code of an error, or the result that came instead.
func codeOf(result string, err error) string {
	if own := (*Error)(nil); errors.As(err, &own) {
		return "!" + string(own.Code)
	}
	return result
}

func TestDates(t *testing.T) {
	for _, tt := range []struct {
		value  string
		format DateFormat
		want   string
	}{
		{"2026-12-31", "", "2026-12-31"},
		{" 31.12.2026 ", "", "2026-12-31"},
		{"1.2.2026", "", "2026-02-01"},
		{"2026/12/31", "", "2026-12-31"},
		{"31/12/2026", "", "2026-12-31"},
		{"12/31/2026", "", "2026-12-31"},
		{"03/04/2026", "", "!ambiguous_date"},
		{"03/04/2026", DateAmbiguous, "!ambiguous_date"},
		{"03/03/2026", DateAmbiguous, "2026-03-03"},
		{"03/04/2026", "DD/MM/YYYY", "2026-04-03"},
		{"03/04/2026", "MM/DD/YYYY", "2026-03-04"},
		{"01/20/23", "MM/DD/YYYY", "2023-01-20"},
		{"01/20/71", "MM/DD/YYYY", "1971-01-20"},
		{"31/12/2026", "MM/DD/YYYY", "!invalid_date"},
		{"2026-12-31", "DD.MM.YYYY", "2026-12-31"},
		{"31.12.2026 23:59", "DD.MM.YYYY", "2026-12-31"},
		{"31.02.2026", "", "!invalid_date"},
		{"29.02.2028", "", "2028-02-29"},
		{"31.12.2026 25:00", "", "!invalid_date"},
		{"00.12.2026", "", "!invalid_date"},
		{"0000-01-01", "", "!invalid_date"},
		{"2026", "", "!invalid_date"},
		{"1.2", "", "!invalid_date"},
		{"1.234,50", "", "!invalid_date"},
		{"1-2/2026", "", "!invalid_date"},
		{"", "", "!invalid_date"},
	} {
		if got := codeOf(ParseDate(tt.value, tt.format)); got != tt.want {
			t.Errorf("%q as %q: want %s, got %s", tt.value, tt.format, tt.want, got)
		}
	}
}

func TestInstants(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no zones here")
	}
	for value, want := range map[string]string{
		"31.12.2026":                    "2026-12-30T23:00:00.000Z",
		"31.07.2026 10:30":              "2026-07-31T08:30:00.000Z",
		"2010-10-14T12:00:00.000GMT":    "2010-10-14T12:00:00.000Z",
		"2026-12-31T10:00:00Z":          "2026-12-31T10:00:00.000Z",
		"2026-12-31 10:00:00.5+02:00":   "2026-12-31T08:00:00.500Z",
		"2026-12-31T10:00:00,123 -0330": "2026-12-31T13:30:00.123Z",
		"2026-12-31T10:00+02":           "2026-12-31T08:00:00.000Z",
		"12/31/2017 11:59:00 PM":        "2017-12-31T22:59:00.000Z",
		"12/31/2017, 12:01 a.m.":        "2017-12-30T23:01:00.000Z",
		"12/31/2017 13:01 PM":           "!invalid_date",
		"2026-12-31T10":                 "!invalid_date",
		"2026-12-31T10:00 Mars":         "!invalid_date",
		"2026-12-31T10:00+99:00":        "!invalid_date",
		"0001-01-01T00:00+14:00":        "!invalid_date",
	} {
		if got := codeOf(ParseInstant(value, DateUnknown, berlin)); got != want {
			t.Errorf("%q: want %s, got %s", value, want, got)
		}
	}
	if got := codeOf(ParseInstant("2026-01-02 03:04", "", nil)); got != "2026-01-02T03:04:00.000Z" {
		t.Errorf("without a zone: %s", got)
	}
}

func TestGuessDates(t *testing.T) {
	for _, tt := range []struct {
		samples string
		want    DateFormat
	}{
		{"2026-01-02|2026-03-04T10:00:00Z", DateISO},
		{"31.12.2026|01.02.2026", "DD.MM.YYYY"},
		{"01.02.2026", "DD.MM.YYYY"},
		{"2026/01/02", "YYYY/MM/DD"},
		{"31/12/2026|03/04/2026", "DD/MM/YYYY"},
		{"12/31/2026|03/04/2026||", "MM/DD/YYYY"},
		{"03/04/2026|05/06/2026", DateAmbiguous},
		{"13/04/2026|04/13/2026", DateAmbiguous},
		{"03-04-2026", DateAmbiguous},
		{"13-04-2026", "DD-MM-YYYY"},
		{"Ada|Bob|2026-01-01", DateUnknown},
		{"", DateUnknown},
		{"1.5|2.5", DateUnknown},
	} {
		if got := GuessDates(strings.Split(tt.samples, "|")); got != tt.want {
			t.Errorf("%s: want %q, got %q", tt.samples, tt.want, got)
		}
	}
	for value, want := range map[string]string{"auto": "", "iso": "YYYY-MM-DD", "dd.mm.yyyy": "DD.MM.YYYY", "MM.DD": "!invalid_option"} {
		format, err := ParseDateFormat(value)
		if got := codeOf(string(format), err); got != want {
			t.Errorf("option %s: want %q, got %q", value, want, got)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		value   string
		decimal Decimal
		want    string
	}{
		{"1.234,50", "", "1234.50"},
		{"1,234.50", "", "1234.50"},
		{"1.234,50", ",", "1234.50"},
		{"1.234,50", ".", "!invalid_number"},
		{"1'234.50", "", "1234.50"},
		{"1\u00A0234,50", "", "1234.50"},
		{"12 345 678", "", "12345678"},
		{"1.234.567", "", "1234567"},
		{"1.234", "", "!ambiguous_number"},
		{"1.234", ".", "1.234"},
		{"1.234", ",", "1234"},
		{"0.123", "", "0.123"},
		{"1.5", "", "1.5"},
		{"1.5", ",", "!invalid_number"},
		{"007", "", "7"},
		{"-3,20", "", "-3.20"},
		{"3,20-", "", "-3.20"},
		{"−3", "", "-3"},
		{"+3", "", "3"},
		{"-0", "", "0"},
		{".5", "", "0.5"},
		{"1.2E+05", "", "1.2e+05"},
		{"1e999", "", "!invalid_number"},
		{"12,34,56", "", "!invalid_number"},
		{"1.2.3", "", "!invalid_number"},
		{"5.", "", "!invalid_number"},
		{"--5", "", "!invalid_number"},
		{"", "", "!invalid_number"},
		{"NaN", "", "!invalid_number"},
		{"0x1F", "", "!invalid_number"},
		{"5 kg", "", "!invalid_number"},
	} {
		if got := codeOf(ParseNumber(tt.value, tt.decimal)); got != tt.want {
			t.Errorf("%q with %q: want %s, got %s", tt.value, tt.decimal, tt.want, got)
		}
	}
	for samples, want := range map[string]Decimal{
		"1.234,50|7": ",", "1,234.50|7": ".", "12,5|1.234": ",", "1.234|2.345": DecimalAmbiguous,
		"1|2": ".", "1,5|1.5": DecimalAmbiguous, "Ada": ".",
	} {
		if got := GuessDecimal(strings.Split(samples, "|")); got != want {
			t.Errorf("%s: want %q, got %q", samples, want, got)
		}
	}
}

func TestBools(t *testing.T) {
	for _, yes := range strings.Fields("true YES ja 1 x X oui Sí wahr on") {
		if got, err := ParseBool(yes); err != nil || !got {
			t.Errorf("%s: %v %v", yes, got, err)
		}
	}
	for _, no := range strings.Fields("false No nein 0 non falsch off") {
		if got, err := ParseBool(no); err != nil || got {
			t.Errorf("%s: %v %v", no, got, err)
		}
	}
	if _, err := ParseBool("perhaps"); codeOf("", err) != "!invalid_boolean" {
		t.Errorf("perhaps: %v", err)
	}
}

func TestFormulasThereAndBack(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+49": "'+49", "-5": "'-5", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx",
		"'=1": "''=1", "''=1": "'''=1", "it's": "it's", "'": "'", "'x": "'x", "": "", "a=1": "a=1",
	} {
		if got := NeutraliseFormula(cell); got != want {
			t.Errorf("neutralise %q: want %q, got %q", cell, want, got)
		}
		if back := RestoreFormula(NeutraliseFormula(cell)); back != cell {
			t.Errorf("%q came back as %q", cell, back)
		}
	}
}
