package tabular

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

const (
	utf8Name    = "utf-8"
	utf16leName = "utf-16le"
	utf16beName = "utf-16be"
	utf32leName = "utf-32le"
	utf32beName = "utf-32be"
	cp1252Name  = "windows-1252"
	latin1Name  = "iso-8859-1"
)

// charsets are the encodings that can be read. Those below iso-8859-1 cannot
// be told from windows-1252 by looking, so they are only used when asked for.
var charsets = []struct {
	name string
	unit int // bytes that stand together
	bom  string
	enc  encoding.Encoding
}{
	{utf8Name, 1, "\xEF\xBB\xBF", encoding.Nop},
	// UTF-32LE stands first, as its mark begins with that of UTF-16LE.
	{utf32leName, 4, "\xFF\xFE\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	{utf32beName, 4, "\x00\x00\xFE\xFF", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	{utf16leName, 2, "\xFF\xFE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{utf16beName, 2, "\xFE\xFF", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	{cp1252Name, 1, "", charmap.Windows1252},
	{latin1Name, 1, "", charmap.ISO8859_1},
	{"iso-8859-15", 1, "", charmap.ISO8859_15},
	{"windows-1250", 1, "", charmap.Windows1250},
	{"windows-1251", 1, "", charmap.Windows1251},
	{"macintosh", 1, "", charmap.Macintosh},
}

func encodingNames() []string {
	names := make([]string, len(charsets))
	for i, c := range charsets {
		names[i] = c.name
	}
	return names
}

// marked returns the encoding whose byte order mark opens the sample.
func marked(sample []byte) string {
	for _, c := range charsets {
		if c.bom != "" && bytes.HasPrefix(sample, []byte(c.bom)) {
			return c.name
		}
	}
	return ""
}

// guessEncoding finds the encoding of a sample that has no byte order mark. It
// returns "" when the sample is no text.
func guessEncoding(sample []byte) string {
	var even, odd int
	for i, b := range sample {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	// A stray NUL in a text is the row's fault; many of them are wide characters.
	if (even+odd)*20 <= len(sample) {
		var c census
		c.add(sample)
		return c.verdict()
	}
	switch {
	case odd > 10*even:
		return utf16leName
	case even > 10*odd:
		return utf16beName
	}
	return ""
}

// census counts what tells UTF-8 from the one-byte encodings.
type census struct {
	wide    int // well-formed characters of several bytes
	invalid int // bytes that belong to none
	printed int // of those, the ones that only windows-1252 prints
	control int // of those, the ones that windows-1252 does not have
	rest    []byte
}

// add counts the next part of the text; a character may be cut at its end.
func (c *census) add(part []byte) {
	text := part
	if len(c.rest) > 0 {
		text = slices.Concat(c.rest, part)
		c.rest = nil
	}
	for len(text) > 0 {
		i := bytes.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
		if i < 0 {
			return
		}
		text = text[i:]
		if !utf8.FullRune(text) {
			c.rest = bytes.Clone(text)
			return
		}
		text = text[c.one(text):]
	}
}

// one counts the character at the start of text and returns its length.
func (c *census) one(text []byte) int {
	r, size := utf8.DecodeRune(text)
	if r != utf8.RuneError || size > 1 {
		c.wide++
		return size
	}
	c.invalid++
	switch b := text[0]; {
	case b == 0x81 || b == 0x8D || b == 0x8F || b == 0x90 || b == 0x9D:
		c.control++
	case b < 0xA0:
		c.printed++
	}
	return 1
}

// verdict is UTF-8 also for a file with a few broken rows among many good
// ones: those rows get a fault of their own, instead of every name in the file
// coming out garbled.
func (c *census) verdict() string {
	switch {
	case c.invalid == 0 || c.wide > 4*c.invalid:
		return utf8Name
	case c.control > 0 && c.printed == 0:
		return latin1Name
	}
	return cp1252Name
}

// censusOf counts a whole text.
func censusOf(r io.Reader) (census, error) {
	var c census
	part := make([]byte, 64<<10)
	for {
		n, err := r.Read(part)
		c.add(part[:n])
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return c, err
		}
	}
}

// decoded returns the sample as UTF-8, without its byte order mark and without
// a character that was cut at its end.
func decoded(sample []byte, name string) []byte {
	text := sample
	for _, c := range charsets {
		if c.name != name || name == utf8Name {
			continue
		}
		whole := sample[:len(sample)/c.unit*c.unit]
		out, err := c.enc.NewDecoder().Bytes(whole)
		if err != nil {
			return nil
		}
		text = out
	}
	return bytes.TrimPrefix(text, []byte(charsets[0].bom))
}

// decoder returns r as UTF-8.
func decoder(r io.Reader, name string) (io.Reader, error) {
	for _, c := range charsets {
		switch {
		case c.name == name && name == utf8Name:
			return r, nil
		case c.name == name:
			return transform.NewReader(r, c.enc.NewDecoder()), nil
		}
	}
	_, err := encodingChoice.pick(name)
	if err == nil {
		err = problem(BadOption, "the encoding is not known yet: detect it first")
	}
	return nil, err
}
