package tabular

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// The bounds of workbooks. A small file can hold much that is compressed, so what is
// counted is what comes out.
const (
	mostUnpacked  = 256 << 20 // bytes of all parts that are read, a quarter of them texts that cells share
	mostDirectory = 1 << 20   // bytes of the zip file's list of its parts
	mostToken     = 4 << 20   // bytes between two marks of XML
	mostSheetRows = 1 << 20   // as spreadsheets have them
)

// SheetOptions say which sheet is meant, and how it is read.
type SheetOptions struct {
	Sheet string // by its name; "" is the first that is not hidden
	// UTC tells by the names of the columns whether times are such of UTC: else they
	// have no zone, as in workbooks of people.
	UTC func(header []string) bool

	most int64 // bytes that may come out; 0 is mostUnpacked
}

// CopySheet copies a sheet of a workbook as CSV in UTF-8, row for row, and returns the
// sheet's name. Days and times are written as such, numbers with a point and with the
// zeros that their format puts before them; of a formula its last value counts.
func CopySheet(file io.ReaderAt, size int64, o SheetOptions, out io.Writer) (string, error) {
	if err := checkDirectory(file, size); err != nil {
		return "", err
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return "", problem(NotText, "the file is no Excel workbook that can be read")
	}
	b := &book{parts: map[string]*zip.File{}, left: cmp.Or(o.most, mostUnpacked)}
	b.shared.room = int(b.left / 4)
	for _, f := range archive.File {
		if name := strings.ToLower(f.Name); b.parts[name] == nil {
			b.parts[name] = f
		}
	}
	sheet, err := b.find(o.Sheet)
	if err != nil {
		return "", err
	}
	if err := errors.Join(b.readStyles(), b.readShared()); err != nil {
		return "", err
	}
	return sheet.name, b.copySheet(sheet, o, out)
}

// checkDirectory looks at the end of a zip file for how long the list of its parts is,
// which is read whole.
func checkDirectory(file io.ReaderAt, size int64) error {
	const record, comment = 22, 1<<16 - 1
	tail := make([]byte, min(size, record+comment))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return readFailed(err)
	}
	at := strings.LastIndex(string(tail), "PK\x05\x06")
	if at < 0 || len(tail)-at < record {
		return problem(NotText, "the file is no Excel workbook that can be read")
	}
	length, begins := int64(binary.LittleEndian.Uint32(tail[at+12:])), int64(binary.LittleEndian.Uint32(tail[at+16:]))
	if length > mostDirectory || begins < size-mostDirectory-int64(len(tail)) {
		return problem(NotText, "the file has more parts than a workbook has")
	}
	return nil
}

// book is a workbook that is read.
type book struct {
	parts  map[string]*zip.File // by their names, in small letters
	left   int64                // bytes that may still come out of them
	main   string               // the part that names the sheets
	epoch  bool                 // days are counted from 1904
	styles []style
	shared texts
}

// sheetPart is a sheet, and where it lies.
type sheetPart struct{ name, part string }

// element is called for every element of a part, as it begins; it may read on.
type element func(d *xml.Decoder, e xml.StartElement) error

// walk goes through a part of the workbook; one that is not there has nothing.
func (b *book) walk(part string, each element) error {
	f := b.parts[strings.ToLower(part)]
	if f == nil {
		return nil
	}
	opened, err := f.Open()
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = opened.Close() }()
	d := xml.NewDecoder(bufio.NewReader(&metered{in: opened, left: &b.left}))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		return nil, problem(NotText, "the workbook is not written in UTF-8")
	}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		if e, begins := token.(xml.StartElement); begins {
			if err := each(d, e); err != nil {
				return damaged(err)
			}
		}
	}
}

// damaged tells what is wrong with a part: unless the disk failed, it is the sender's.
func damaged(err error) error {
	var own *Error
	var disk *fs.PathError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &disk):
		return readFailed(err)
	}
	return problem(NotText, "the workbook is damaged, or protected by a password")
}

// metered counts what comes out of a part, and how much lies between two marks.
type metered struct {
	in    io.Reader
	left  *int64
	since int
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.in.Read(p)
	if *m.left -= int64(n); *m.left < 0 {
		return 0, problem(RowTooLong, "the workbook holds more than %d MiB when it is unpacked; save the sheet as CSV", mostUnpacked>>20)
	}
	if at := bytes.LastIndexByte(p[:n], '<'); at < 0 {
		m.since += n
	} else {
		m.since = n - at
	}
	if m.since > mostToken {
		return 0, problem(CellTooLong, "a cell of the workbook is longer than %d MiB", mostToken>>20)
	}
	return n, err
}

// attribute is an element's attribute, whatever stands for its name space.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// relation is what one part says of another.
type relation struct{ kind, target string }

// relations are what a part says of others, by their ids.
func (b *book) relations(part string) (map[string]relation, error) {
	dir, file := path.Split(part)
	all := map[string]relation{}
	return all, b.walk(dir+"_rels/"+file+".rels", func(_ *xml.Decoder, e xml.StartElement) error {
		target := attribute(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		kind := attribute(e, "Type")
		all[attribute(e, "Id")] = relation{kind[strings.LastIndexByte(kind, '/')+1:], strings.TrimPrefix(target, "/")}
		return nil
	})
}

// find finds the sheet that is meant.
func (b *book) find(name string) (sheetPart, error) {
	if err := b.findMain(); err != nil {
		return sheetPart{}, err
	}
	relations, err := b.relations(b.main)
	if err != nil {
		return sheetPart{}, err
	}
	var there []string
	var found []sheetPart
	err = b.walk(b.main, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.epoch = isTrue(attribute(e, "date1904"))
		case "sheet":
			r, called := relations[idOf(e)], attribute(e, "name")
			if r.kind != "worksheet" {
				return nil // a chart
			}
			there = append(there, called)
			if name == "" && attribute(e, "state") == "" || attribute(e, "state") == "visible" && name == "" || strings.EqualFold(called, name) && name != "" {
				found = append(found, sheetPart{called, r.target})
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return sheetPart{}, err
	case len(found) > 0 && b.parts[strings.ToLower(found[0].part)] != nil:
		return found[0], nil
	case name != "":
		return sheetPart{}, problem(NoSheet, "there is no sheet %s; there are %s", shown(name), shown(strings.Join(there, ", ")))
	}
	return sheetPart{}, problem(Empty, "the file is no Excel workbook, or has no sheet")
}

// idOf is the id by which a sheet names its part: it has another of its own.
func idOf(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func isTrue(v string) bool { return v == "1" || v == "true" || v == "on" }

func (b *book) findMain() error {
	roots, err := b.relations("")
	b.main = "xl/workbook.xml"
	for _, r := range roots {
		if r.kind == "officeDocument" {
			b.main = r.target
		}
	}
	return err
}

// beside is the part of a kind that belongs to the workbook, "" if there is none.
func (b *book) beside(kind string) (string, error) {
	relations, err := b.relations(b.main)
	for _, r := range relations {
		if r.kind == kind {
			return r.target, err
		}
	}
	return "", err
}
