package tabular

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// sampled is how many rows of the sample are looked at.
const sampled = 200

// DetectFile detects how a whole file is to be read, and leaves it at its start. It
// knows more than Detect: whether a file is UTF-8 may only show far behind the
// sample, at the first name with an umlaut.
func DetectFile(file io.ReadSeeker, o Options) (Detected, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Detected{}, fmt.Errorf("go to the start of the file: %w", err)
	}
	sample, err := io.ReadAll(io.LimitReader(file, SampleSize))
	if err != nil {
		return Detected{}, fmt.Errorf("read the sample: %w", err)
	}
	found, err := Detect(sample, o)
	if err != nil {
		return Detected{}, err
	}
	if found.Encoding, err = confirm(file, found, o); err != nil {
		return Detected{}, fmt.Errorf("read the file for its encoding: %w", err)
	}
	_, err = file.Seek(0, io.SeekStart)
	return found, err
}

// confirm looks at the whole file when the sample looked like UTF-8.
func confirm(file io.ReadSeeker, found Detected, o Options) (string, error) {
	if found.Encoding != utf8Name || found.BOM || isFixed(o.Encoding) {
		return found.Encoding, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	all, err := censusOf(file)
	return all.verdict(), err
}

func isFixed(option string) bool { return option != "" && !strings.EqualFold(option, Auto) }

// Detect finds out from the first bytes of a file how it is to be read. The
// options fix what is known already. SampleSize bytes are plenty.
func Detect(sample []byte, o Options) (Detected, error) {
	o, err := o.settled()
	if err != nil {
		return Detected{}, err
	}
	if kind := foreign(sample); kind != "" {
		return Detected{}, problem(NotText, "the file is %s; save it as CSV first", kind)
	}
	d := Detected{Encoding: o.Encoding}
	if mark := marked(sample); mark != "" && (o.Encoding == "" || o.Encoding == mark) {
		d.BOM, d.Encoding = true, mark
	}
	if d.Encoding == "" {
		d.Encoding = guessEncoding(sample)
	}
	if d.Encoding == "" {
		return Detected{}, problem(NotText, "the file is not a text file")
	}
	return detectText(decoded(sample, d.Encoding), d, o)
}

// foreign names the files that people send instead of a CSV.
func foreign(sample []byte) string {
	for _, f := range []struct{ magic, kind string }{
		{"PK\x03\x04", "an Excel workbook or another zip file"},
		{"\xD0\xCF\x11\xE0", "an old Excel workbook"},
		{"%PDF-", "a PDF"},
		{"\x1F\x8B", "a gzip archive"},
	} {
		if bytes.HasPrefix(sample, []byte(f.magic)) {
			return f.kind
		}
	}
	return ""
}

// detectText detects the rest, once the encoding is known.
func detectText(text []byte, d Detected, o Options) (Detected, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return Detected{}, problem(Empty, "the file is empty")
	}
	d.LineEnd, d.Format = LineEnd(o.LineEnd), Format(o.Format)
	if d.LineEnd == "" {
		d.LineEnd = guessLineEnd(text)
	}
	if d.Format == "" && looksJSON(text) {
		d.Format = NDJSON
	}
	if d.Format == NDJSON {
		return d, wantLines(text)
	}
	d.Format = CSV
	return detectCSV(text, d, o), nil
}

// looksJSON says that the text opens like JSON: with an object, or an array of
// them.
func looksJSON(text []byte) bool {
	text = bytes.TrimSpace(text)
	if rest, ok := bytes.CutPrefix(text, []byte("[")); ok {
		text = bytes.TrimSpace(rest)
	}
	rest, ok := bytes.CutPrefix(text, []byte("{"))
	rest = bytes.TrimSpace(rest)
	return ok && (bytes.HasPrefix(rest, []byte(`"`)) || bytes.HasPrefix(rest, []byte("}")))
}

// wantLines refuses a JSON document that spreads over lines: read line by line
// it would give one error for each of them.
func wantLines(text []byte) error {
	lines := bytes.SplitN(bytes.TrimSpace(text), []byte("\n"), 6)
	if len(lines) == 1 && lines[0][0] == '{' {
		return nil // one object, or one that is longer than the sample
	}
	for _, line := range lines[:min(5, len(lines))] {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] == '{' && json.Valid(line) {
			return nil
		}
	}
	return problem(NotLines, "the file is a JSON document; NDJSON has one object on each line")
}

func detectCSV(text []byte, d Detected, o Options) Detected {
	if end, delimiter := sepLine(text); end > 0 {
		d.SepLine, d.Delimiter, text = true, delimiter, text[end:]
	}
	if o.Delimiter != "" {
		d.Delimiter = string(delimiterBytes[o.Delimiter])
	}
	if d.Delimiter == "" {
		d.Delimiter = string(guessDelimiter(text, d.LineEnd))
	}
	rows, _ := sampleRows(text, d.Delimiter[0], d.LineEnd, sampled)
	d.Header = o.Header == "yes" || o.Header == "" && hasHeader(rows)
	d.Neutralised = o.Formulas == "neutralised" || o.Formulas == "" && neutralised(rows)
	return d
}

// guessLineEnd asks which line end is more frequent outside of quotes: inside,
// it is the text of a cell.
func guessLineEnd(text []byte) LineEnd {
	var lf, crlf, cr int
	quoted := false
	for i, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n' && i > 0 && text[i-1] == '\r':
			crlf++
		case b == '\n':
			lf++
		case b == '\r' && i+1 < len(text) && text[i+1] != '\n' && text[i+1] != '\r':
			cr++
		}
	}
	switch {
	case cr > lf+crlf:
		return CR
	case crlf > lf:
		return CRLF
	}
	return LF
}
