package tabular

import "bytes"

// parser takes rows of CSV off the start of a text. It is not encoding/csv
// because that stops at the first quote out of place, or with LazyQuotes may
// take the rest of the file for one cell; here such a row is given up alone
// and the next one is read.
type parser struct {
	delim   byte
	cr      bool // a CR alone ends a row
	columns int  // cells that a row ought to have, 0 while unknown
	stops   [256]bool

	text []byte // the cells of the row, one behind the other
	ends []int  // where each ends in text
	seen int    // how many cells the row has; more than ends holds are not kept

	wary bool // the row before had its quotes out of order

	used   int // bytes of the rows taken so far
	wasted int // bytes looked at beyond a row's end, in search of a closing quote
}

func newParser(delimiter byte, end LineEnd) *parser {
	p := &parser{delim: delimiter, cr: end == CR}
	p.stops[delimiter], p.stops['\n'], p.stops['\r'] = true, true, p.cr
	return p
}

// stop is why the scan of a cell came to its end.
type stop int

const (
	atDelimiter stop = iota
	atRowEnd
	atTextEnd
	atGap // the text in memory ends here, the file does not
)

// extent is a row found at the start of a text.
type extent struct {
	length int
	stray  bool // a quote in the midst of a quoted cell
	open   bool // the last quote never closes
	torn   bool // an unquoted cell ends like a quoted one
	stop   stop
}

// strayRule is how a quote in the midst of a quoted cell is read. Either is a
// guess; which one is better shows in the number of cells.
type strayRule bool

const (
	strayEnds  strayRule = false // the cell goes on unquoted
	strayStays strayRule = true  // the cell goes on to the next closing quote
)

// row scans the cells of one row into the parser.
func (p *parser) row(text []byte, last bool, rule strayRule) extent {
	p.text, p.ends, p.seen = p.text[:0], p.ends[:0], 0
	var e extent
	for at := 0; ; {
		at, e.stop = p.cell(text, at, last, rule, &e)
		if e.stop == atGap || e.stop == atTextEnd {
			e.length = len(text)
			return e
		}
		if e.stop == atRowEnd {
			e.length = at
			return e
		}
	}
}

// cell scans one cell and the delimiter or line end behind it.
func (p *parser) cell(text []byte, at int, last bool, rule strayRule, e *extent) (int, stop) {
	if at < len(text) && text[at] == '"' {
		return p.quoted(text, at+1, last, rule, e)
	}
	if at < len(text) && text[at] == ' ' {
		if open := p.spacedQuote(text, at); open > 0 {
			return p.quoted(text, open, last, rule, e)
		}
	}
	end, stop := p.plain(text, at, last)
	e.torn = e.torn || p.endsTorn(text[at:end])
	return end, stop
}

// endsTorn says that a cell has the closing quote of a cell that began
// elsewhere. 5" ends so too, and is only doubted below a faulty row.
func (p *parser) endsTorn(cell []byte) bool {
	cell = bytes.TrimRight(cell, "\r\n"+string(p.delim))
	return len(cell) > 0 && cell[len(cell)-1] == '"' && bytes.Count(cell, []byte{'"'})%2 == 1
}

// plain scans a cell, or its rest, without quotes. A quote in it is text: 5"
// pipes and "Bob" have only one meaning there.
func (p *parser) plain(text []byte, at int, last bool) (int, stop) {
	i := at
	for i < len(text) && !p.stops[text[i]] {
		i++
	}
	cell := text[at:i]
	if !p.cr && (i == len(text) || text[i] == '\n') {
		cell = bytes.TrimRight(cell, "\r") // of CRLF, or of CR CR LF
	}
	p.text = append(p.text, cell...)
	return p.close(text, i, last)
}

// quoted scans a cell whose opening quote lies just before at.
func (p *parser) quoted(text []byte, at int, last bool, rule strayRule, e *extent) (int, stop) {
	for {
		quote := bytes.IndexByte(text[at:], '"')
		if quote < 0 {
			p.text = append(p.text, text[at:]...)
			e.open = true
			return p.close(text, len(text), last)
		}
		p.text = append(p.text, text[at:at+quote]...)
		at += quote + 1
		if at < len(text) && text[at] == '"' {
			p.text = append(p.text, '"')
			at++
			continue
		}
		if end := p.closes(text, at); end >= 0 {
			return p.close(text, end, last)
		}
		e.stray = true
		p.text = append(p.text, '"')
		if rule == strayEnds {
			return p.plain(text, at, last)
		}
	}
}

// closes returns where the cell ends if the quote before at is its last one,
// spaces allowed, or -1.
func (p *parser) closes(text []byte, at int) int {
	for at < len(text) && !p.stops[text[at]] {
		if c := text[at]; c != ' ' && c != '\r' && c != '\t' {
			return -1
		}
		at++
	}
	return at
}

// spacedQuote returns the place behind the quote of a cell like < "a, b">: one
// that is quoted although a space stands before. It must close on its line,
// for otherwise the quote is text.
func (p *parser) spacedQuote(text []byte, at int) int {
	for at < len(text) && text[at] == ' ' {
		at++
	}
	if at == len(text) || text[at] != '"' {
		return 0
	}
	for i := at + 1; i < len(text) && text[i] != '\n'; i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			i++
			continue
		}
		if p.closes(text, i+1) >= 0 {
			return at + 1
		}
		return 0
	}
	return 0
}

// close ends the cell at a stop byte or at the end of the text.
func (p *parser) close(text []byte, at int, last bool) (int, stop) {
	if at == len(text) {
		if !last {
			return at, atGap
		}
		p.keep()
		return at, atTextEnd
	}
	p.keep()
	switch {
	case text[at] == p.delim:
		return at + 1, atDelimiter
	case p.cr:
		return p.afterReturn(text, at, last)
	}
	return at + 1, atRowEnd
}

// afterReturn passes over CR, LF or CR LF.
func (p *parser) afterReturn(text []byte, at int, last bool) (int, stop) {
	if text[at] == '\n' {
		return at + 1, atRowEnd
	}
	if at+1 == len(text) && !last {
		return at, atGap
	}
	if at+1 < len(text) && text[at+1] == '\n' {
		return at + 2, atRowEnd
	}
	return at + 1, atRowEnd
}

func (p *parser) keep() {
	p.seen++
	if len(p.ends) > MaxColumns {
		p.text = p.text[:p.ends[MaxColumns]]
		return
	}
	p.ends = append(p.ends, len(p.text))
}

// cells returns the row taken last. All cells share one string.
func (p *parser) cells() []string {
	all := string(p.text)
	cells := make([]string, len(p.ends))
	start := 0
	for i, end := range p.ends {
		cells[i] = all[start:end]
		start = end
	}
	return cells
}

// blank says that the row taken last has nothing in it but white space.
func (p *parser) blank() bool { return len(p.text) == 0 || len(bytes.TrimSpace(p.text)) == 0 }

// longest is the length of the longest cell of the row taken last.
func (p *parser) longest() int {
	most, start := 0, 0
	for _, end := range p.ends {
		most, start = max(most, end-start), end
	}
	return most
}

// lineLength is the length of the first line with its end, or 0 if it has none.
func (p *parser) lineLength(text []byte) int {
	i := bytes.IndexByte(text, '\n')
	if p.cr {
		i = bytes.IndexAny(text, "\r\n")
		if i >= 0 && i+1 < len(text) && text[i] == '\r' && text[i+1] == '\n' {
			i++
		}
	}
	return i + 1
}

// lines counts the line ends in a text.
func (p *parser) lines(text []byte) int {
	n := bytes.Count(text, []byte{'\n'})
	if p.cr {
		n += bytes.Count(text, []byte{'\r'}) - bytes.Count(text, []byte("\r\n"))
	}
	return n
}
