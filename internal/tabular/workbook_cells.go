package tabular

import (
	"encoding/xml"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// texts are the texts that cells share, one behind the other.
type texts struct {
	all  []byte
	ends []uint32
	room int // bytes of text at most
}

func (t *texts) add(text string) error {
	if len(t.all)+len(text) > t.room || len(t.ends) > t.room/8 {
		return problem(RowTooLong, "the workbook holds more than %d MiB of texts; save the sheet as CSV", t.room>>20)
	}
	t.all = append(t.all, text...)
	t.ends = append(t.ends, uint32(len(t.all))) //nolint:gosec // bounded above
	return nil
}

// get is a text by its number, as a cell spells it.
func (t *texts) get(number string) string {
	i, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || i < 0 || i >= len(t.ends) {
		return ""
	}
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return string(t.all[start:t.ends[i]])
}

// readShared reads the texts that cells share.
func (b *book) readShared() error {
	part, err := b.beside("sharedStrings")
	if err != nil || part == "" {
		return err
	}
	return b.walk(part, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := textIn(d, "si")
		if err != nil {
			return err
		}
		return b.shared.add(text)
	})
}

// textIn collects the text of an element up to its end, but for what tells how it is
// spoken.
func textIn(d *xml.Decoder, name string) (string, error) {
	var text strings.Builder
	for inside, silent := false, 0; ; {
		token, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			inside = t.Name.Local == "t" && silent == 0
			if t.Name.Local == "rPh" {
				silent++
			}
		case xml.CharData:
			if inside {
				text.Write(t)
			}
		case xml.EndElement:
			inside = false
			if t.Name.Local == "rPh" {
				silent--
			}
			if t.Name.Local == name {
				return decoded16(text.String()), nil
			}
		}
		if text.Len() > MaxRow {
			return "", problem(CellTooLong, "a cell of the workbook is longer than %d MiB", MaxCell>>20)
		}
	}
}

// coded16 is a character that XML has no place for, by its number.
var coded16 = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

func decoded16(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return coded16.ReplaceAllStringFunc(text, func(code string) string {
		n, err := strconv.ParseUint(code[2:6], 16, 16)
		if r := rune(n); err == nil && n > 0 && utf8.ValidRune(r) {
			return string(r)
		}
		return code
	})
}

// style is how a cell's number is meant.
type style struct {
	day, time bool
	zeros     int // digits at least
}

var (
	silentFormat = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]|_.|\*.`)
	zerosFormat  = regexp.MustCompile(`^0+$`)
)

// styleOf reads the format of numbers by its number, or as it is written.
func styleOf(id int, code string) style {
	switch {
	case id >= 14 && id <= 17 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id == 57 || id == 58:
		return style{day: true}
	case id == 22:
		return style{day: true, time: true}
	case id >= 18 && id <= 21 || id >= 32 && id <= 35 || id == 55 || id == 56:
		return style{time: true}
	}
	code, _, _ = strings.Cut(code, ";")
	if zerosFormat.MatchString(code) {
		return style{zeros: len(code)}
	}
	if strings.EqualFold(code, "general") {
		return style{}
	}
	plain := strings.ToLower(silentFormat.ReplaceAllString(code, ""))
	s := style{day: strings.ContainsAny(plain, "yd"), time: strings.ContainsAny(plain, "hs")}
	s.day = s.day || !s.time && strings.Contains(plain, "m")
	return s
}

// readStyles reads which cells hold days and times: their numbers alone do not tell.
func (b *book) readStyles() error {
	part, err := b.beside("styles")
	if err != nil || part == "" {
		return err
	}
	codes, listed := map[int]string{}, false
	return b.walk(part, func(_ *xml.Decoder, e xml.StartElement) error {
		id, _ := strconv.Atoi(attribute(e, "numFmtId"))
		switch e.Name.Local {
		case "numFmt":
			codes[id] = attribute(e, "formatCode")
		case "cellXfs":
			listed = true
		case "cellStyles", "dxfs":
			listed = false
		case "xf":
			if listed {
				b.styles = append(b.styles, styleOf(id, codes[id]))
			}
		}
		if len(codes)+len(b.styles) > 1<<17 {
			return problem(NotText, "the workbook has more styles than there can be")
		}
		return nil
	})
}

// number writes a cell's number as what it is: a day, a time, or with a point.
func (b *book) number(value, styled, zone string) string {
	value = strings.TrimSpace(value)
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return value
	}
	var s style
	if i, err := strconv.Atoi(styled); err == nil && i >= 0 && i < len(b.styles) {
		s = b.styles[i]
	}
	if (s.day || s.time) && n >= 0 && n < lastSerial {
		return b.moment(n, s, zone)
	}
	if !digitsOnly(value) {
		value = strconv.FormatFloat(n, 'f', -1, 64)
	}
	if n >= 0 && digitsOnly(value) && len(value) < s.zeros {
		value = strings.Repeat("0", s.zeros-len(value)) + value
	}
	return value
}

func digitsOnly(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// lastSerial is the day behind the last that spreadsheets count: 31 December 9999.
const lastSerial = 2958466

// moment is the day or the time that a number stands for. Those who count from 1900
// hold that year for a leap year: before March they are a day behind.
func (b *book) moment(n float64, s style, zone string) string {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case b.epoch:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 60 && s.day:
		first = first.AddDate(0, 0, 1)
	}
	const day = 24 * time.Hour
	at := first.AddDate(0, 0, int(n)).Add(time.Duration(math.Round((n-math.Floor(n))*float64(day/time.Millisecond))) * time.Millisecond)
	switch {
	case !s.day:
		return at.Format("15:04:05.999")
	case !s.time:
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02T15:04:05.999") + zone
}
