package imports

import (
	"errors"
	"fmt"
	"io"
	"os"

	"rapport/internal/fault"
	"rapport/internal/store"
	"rapport/internal/tabular"
)

// unpack puts the sheet of a workbook, as CSV, in the place of the upload, and returns
// the sheet's name; "" where the upload is no workbook.
func (d *Desk) unpack(id string, o Options) (sheet string, err error) {
	file, err := os.Open(d.path(id))
	if err != nil {
		return "", fmt.Errorf("open the upload: %w", err)
	}
	defer func() { _ = file.Close() }()
	start := make([]byte, len(zipStart))
	if _, err := io.ReadFull(file, start); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", fmt.Errorf("read the upload: %w", err)
	}
	if string(start) != zipStart || o.Format == string(tabular.NDJSON) {
		return "", noWorkbook(o)
	}
	d.unpacking.Lock()
	defer d.unpacking.Unlock()
	return d.copySheet(file, id, o)
}

// zipStart is how workbooks begin.
const zipStart = "PK\x03\x04"

// noWorkbook refuses what is said of a workbook where there is none.
func noWorkbook(o Options) error {
	switch {
	case o.Sheet != "":
		return sheetFault("invalid_format", "sheet is for workbooks, and the file is none.")
	case o.Format == string(tabular.XLSX):
		return fault.New(fault.ImportInvalid, "The file cannot be read as a table: it is no Excel workbook.")
	}
	return nil
}

func sheetFault(code, detail string) error {
	f := fault.New(fault.InvalidParameter, "A parameter of the import is not right.")
	wrong(f, "sheet", code, detail, "")
	return f
}

// copySheet writes the sheet beside the upload, and puts it there when it is whole.
func (d *Desk) copySheet(file *os.File, id string, o Options) (sheet string, err error) {
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("look at the upload: %w", err)
	}
	beside := d.path(id) + ".csv"
	out, err := os.OpenFile(beside, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return "", store.Full(fmt.Errorf("unpack the upload: %w", err))
	}
	defer func() { _ = os.Remove(beside) }() // if it did not take the upload's place
	sheet, err = tabular.CopySheet(file, info.Size(), tabular.SheetOptions{Sheet: o.Sheet, UTC: isOwn}, out)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(beside, d.path(id))
	}
	var e *tabular.Error
	switch {
	case errors.As(err, &e) && e.Code == tabular.NoSheet:
		return "", sheetFault("not_in_enum", e.Detail+".")
	case e != nil:
		return "", unreadable(err)
	}
	return sheet, store.Full(err)
}

// detect finds out how the file is read; of a sheet that was unpacked that is known.
func detect(file io.ReadSeeker, o Options, sheet string) (tabular.Detected, error) {
	if sheet == "" {
		return tabular.DetectFile(file, tabular.Options{Format: o.Format, Encoding: o.Encoding, Delimiter: o.Delimiter})
	}
	found, err := tabular.DetectFile(file, tabular.Options{
		Format: string(tabular.CSV), Encoding: "utf-8", Delimiter: "comma", LineEnd: string(tabular.LF), Formulas: "plain",
	})
	found.Format, found.Sheet = tabular.XLSX, sheet
	return found, err
}
