package tabular

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

const umlauts1 = "Name;Straße;Größe\nMüller;Hauptstraße 5;1,5\nŽák;Überweg 7;2,5\n"

func TestEncodings(t *testing.T) {
	le16 := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	be16 := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	encode := func(s string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, tt := range []struct {
		name, text, want string
		bom              bool
	}{
		{"ascii", "a;b\n1;2\n", "utf-8", false},
		{"utf-8", umlauts1, "utf-8", false},
		{"utf-8 with BOM", "\uFEFF" + umlauts1, "utf-8", true},
		{"utf-16le", encode(le16.NewEncoder().String(umlauts1)), "utf-16le", false},
		{"utf-16be", encode(be16.NewEncoder().String(umlauts1)), "utf-16be", false},
		{"utf-16le with BOM", encode(le16.NewEncoder().String("\uFEFF" + umlauts1)), "utf-16le", true},
		{"utf-16be with BOM", encode(be16.NewEncoder().String("\uFEFF" + umlauts1)), "utf-16be", true},
		{"utf-32le with BOM", encode(utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM).NewEncoder().String("\uFEFF" + umlauts1)), "utf-32le", true},
		{"utf-32be with BOM", encode(utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM).NewEncoder().String("\uFEFF" + umlauts1)), "utf-32be", true},
		{"windows-1252", encode(charmap.Windows1252.NewEncoder().String(umlauts1)), "windows-1252", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, rows := read(t, tt.text, Options{})
			if d := r.Detected(); d.Encoding != tt.want || d.BOM != tt.bom || d.Delimiter != ";" {
				t.Errorf("detected %+v", d)
			}
			if tt.name != "ascii" && (r.Header()[1] != "Straße" || rows[0].Cells[0] != "Müller") {
				t.Errorf("read %q %q", r.Header(), rows[0].Cells)
			}
		})
	}
}

func TestUTF8ShowsBehindTheSample(t *testing.T) {
	ascii := "name;city\n" + strings.Repeat("Ada;Rome\n", SampleSize/9+1)
	r, rows := read(t, ascii+"M\xfcller;Rome\n", Options{})
	if d := r.Detected(); d.Encoding != "windows-1252" || rows[len(rows)-1].Cells[0] != "Müller" {
		t.Errorf("detected %s, read %q", d.Encoding, rows[len(rows)-1].Cells)
	}
}

func TestOneBrokenRowAmongMany(t *testing.T) {
	r, rows := read(t, "name;city\n"+strings.Repeat("Müller;Köln\n", 10)+"M\xfcller;Rome\n", Options{})
	last := rows[len(rows)-1]
	if d := r.Detected(); d.Encoding != "utf-8" || rows[0].Fault != nil || last.Fault == nil || last.Fault.Code != BadEncoding {
		t.Errorf("detected %s, last row %+v", d.Encoding, last)
	}
}

func TestDetectedParts(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		options    Options
		delimiter  string
		header     bool
		end        LineEnd
	}{
		{"tab", "name\temail\nA, B\ta\nC, D\tc\n", Options{}, "\t", true, LF},
		{"pipe", "name|email\r\nA, B|a\r\nC|c\r\n", Options{}, "|", true, CRLF},
		{"commas in quotes", "name;notes\n\"a,b,c\";\"d,e\"\n\"a,b\";\"d\"\n", Options{}, ";", true, LF},
		{"only a header", "name;email;phone\n", Options{}, ";", true, LF},
		{"numbers below text", "foo,bar\n1,2\n3,4\n", Options{}, ",", true, LF},
		{"numbers all the way", "1,2\n3,4\n5,6\n", Options{}, ",", false, LF},
		{"fixed", "1;2,5\r3;4,5\r", Options{Delimiter: "comma", Header: "yes", LineEnd: "cr"}, ",", true, CR},
		{"fixed by character", "a,b;c\n", Options{Delimiter: ";", Header: "no"}, ";", false, LF},
		{"errors file", "column 1,_error\nAda,wrong\n", Options{}, ",", true, LF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Detect([]byte(tt.text), tt.options)
			if err != nil || d.Delimiter != tt.delimiter || d.Header != tt.header || d.LineEnd != tt.end {
				t.Errorf("got %+v %v", d, err)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		options    Options
		want       Code
		says       string
	}{
		{"nothing", "", Options{}, Empty, "empty"},
		{"only a mark", "\uFEFF\r\n", Options{}, Empty, "empty"},
		{"a workbook", "PK\x03\x04abc", Options{}, NotText, "Excel"},
		{"noise", strings.Repeat("\x00\x00\x01", 99), Options{}, NotText, "text"},
		{"a JSON document", "{\n \"a\": [\n 1\n ]\n}\n", Options{}, NotLines, "each line"},
		{"a JSON array", `[{"a":1},{"a":2}]`, Options{}, NotLines, "each line"},
		{"a wrong delimiter", "a", Options{Delimiter: "colon"}, BadOption, "allowed are auto, comma, semicolon, tab, pipe"},
		{"a wrong encoding", "a", Options{Encoding: "ebcdic"}, BadOption, "utf-8"},
		{"a wrong header", "a", Options{Header: "maybe"}, BadOption, "yes, no"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Detect([]byte(tt.text), tt.options)
			own := (*Error)(nil)
			if !errors.As(err, &own) || own.Code != tt.want || !strings.Contains(own.Detail, tt.says) {
				t.Errorf("want %s, got %v", tt.want, err)
			}
		})
	}
}
