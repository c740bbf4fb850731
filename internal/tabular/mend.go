package tabular

import "bytes"

// next takes the row at the start of the text. It returns 0 when more text is
// needed to tell where the row ends.
func (p *parser) next(text []byte, last bool) (int, *Error) {
	if p.exhausted() {
		return p.line(text, last)
	}
	e := p.row(text, last, strayEnds)
	switch {
	case e.stop == atGap && len(text) < MaxRow:
		return 0, nil
	case e.stop == atGap && !e.open:
		return len(text), tooLong()
	case e.open:
		p.wasted += e.length
		return p.line(text, last)
	case e.stray && p.columns > 0:
		return p.mend(text, last, e)
	}
	return p.take(e)
}

// mend decides where a row with a stray quote ends. If it runs over several
// lines and the second is a sound row by itself, the first lacks its closing
// quote. Otherwise the number of cells shows whether the stray quotes end the
// cell or are text in it; if it fits with neither, the shorter row is taken, so
// that fewer good rows are lost to it.
func (p *parser) mend(text []byte, last bool, short extent) (int, *Error) {
	fits := p.seen == p.columns
	ahead := text[:min(len(text), mendAhead)]
	last = last && len(ahead) == len(text)
	if !last && len(ahead) < mendAhead {
		return 0, nil // so that the verdict does not hang on how much is in memory
	}
	if first := p.lineLength(ahead); first > 0 && first < short.length && p.sound(ahead[first:], last) {
		p.wasted += short.length
		return p.line(text, last)
	}
	if e := p.row(ahead, last, strayStays); !fits && e.stop != atGap && !e.open && p.seen == p.columns {
		return p.take(e)
	}
	p.wasted += len(ahead)
	return p.take(p.row(text[:short.length], true, strayEnds))
}

// mendAhead is how far a row is followed over a quote out of place.
const mendAhead = 64 << 10

// sound says that the text starts with a row that has nothing amiss.
func (p *parser) sound(text []byte, last bool) bool {
	e := p.row(text, last, strayEnds)
	return e.stop != atGap && !e.stray && !e.open && !e.torn && p.seen == p.columns
}

// line takes no more than the first line of the text, whatever its quotes say.
func (p *parser) line(text []byte, last bool) (int, *Error) {
	end := p.lineLength(text)
	switch {
	case end == 0 && !last && len(text) < MaxRow:
		return 0, nil
	case end == 0 && !last:
		return len(text), tooLong()
	case end == 0:
		end = len(text)
	}
	e := p.row(bytes.TrimRight(text[:end], "\r\n"), true, strayEnds)
	e.length = end
	return p.take(e)
}

// exhausted keeps a file of nothing but unclosed quotes from being read to its
// end once for each of its lines.
func (p *parser) exhausted() bool { return p.wasted > 4*MaxRow+4*p.used }

func (p *parser) take(e extent) (int, *Error) {
	p.used += e.length
	wary := p.wary
	p.wary = e.open || e.stray || wary && e.torn
	switch {
	case e.open:
		return e.length, problem(UnclosedQuote, "a cell of this row opens with a quote that is never closed")
	case e.stray:
		return e.length, problem(BareQuote, `a quoted cell of this row has a quote in its text; it must be doubled ("")`)
	case p.wary:
		return e.length, problem(BareQuote, "the row seems to be the rest of the one above, whose quotes are not in order")
	}
	return e.length, nil
}

func tooLong() *Error {
	return problem(RowTooLong, "the row is longer than %d MiB", MaxRow>>20)
}
