package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

// AttachmentList are the files beside a record.
type AttachmentList struct {
	// Data are the files, the oldest first.
	Data []ledger.Attachment `json:"data"`
}

// Bounds of files.
const (
	usualUpload = 25 << 20
	formRoom    = 64 << 10        // what a form has beside its file
	transfer    = 5 * time.Minute // for a file to come or go
)

func (s *server) maxUpload() int64 {
	if s.config.MaxUpload > 0 {
		return s.config.MaxUpload
	}
	return usualUpload
}

// attachments answers the files beside a record.
func (r resource) attachments(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	list, err := r.ledger.Attachments(c.Request().Context(), r.noun, c.Param("id"))
	if err != nil {
		return err
	}
	return r.send(c, http.StatusOK, AttachmentList{list})
}

// attach receives a file. Who may not attach, or sends too much, is told before it
// is received.
func (r resource) attach(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	if c.Request().ContentLength > r.maxUpload()+formRoom {
		c.Response().Header().Set("Connection", "close") // the rest is not read
		return tooLarge(r.maxUpload())
	}
	if err := r.ledger.MayAttach(c.Request().Context(), r.noun, c.Param("id")); err != nil {
		return err
	}
	up, err := r.receive(c)
	if up.Taken != nil {
		defer func() { _ = up.Drop() }() // the sweep finds what this does not
	}
	if fault.Is(err, fault.PayloadTooLarge) {
		c.Response().Header().Set("Connection", "close")
	}
	if err != nil {
		return err
	}
	ask, err := asked(c, []byte(strings.Join([]string{up.SHA256, up.FileName, up.Description, up.Sensitivity.String()}, "\n")))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), requestTime) // the file took its own time
	defer cancel()
	a, err := r.ledger.Attach(ctx, r.noun, c.Param("id"), up, ask)
	if err != nil {
		return err
	}
	return r.sendSaid(c, a, false)
}

// receive reads the form: one file, and what is said of it.
func (s *server) receive(c echo.Context) (up ledger.Upload, err error) {
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(transfer)) // where the connection has one
	form, err := c.Request().MultipartReader()
	if err != nil {
		return up, fault.New(fault.UnsupportedMediaType, "Send multipart/form-data with a part file.").With("supported", []string{echo.MIMEMultipartForm})
	}
	var said register.Body
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return up, settled(&up, said)
		}
		if err != nil {
			return up, brokenForm(err)
		}
		switch name := part.FormName(); {
		case name == "file" && up.Taken == nil:
			up.FileName = fileNameOf(part)
			up.Taken, err = s.ledger.DB.Files().Take(part, s.maxUpload())
		case said.Get(name) == nil && (name == "description" || name == "sensitivity"):
			said, err = readText(part, said)
		default:
			known := []string{"file", "description", "sensitivity"}
			return up, fault.Fields{{Pointer: "#/" + name, Code: "unknown_field", Detail: "There is no such part, or it came twice.", Suggestion: fault.Nearest(name, known)}}.Err()
		}
		if err != nil {
			return up, brokenForm(err)
		}
	}
}

// brokenForm tells a form that breaks off from what went wrong on our side.
func brokenForm(err error) error {
	var f *fault.Error
	var disk *os.PathError
	if errors.As(err, &f) || errors.As(err, &disk) {
		return err
	}
	return fault.Fields{{Pointer: "#", Code: "invalid_format", Detail: "The form breaks off."}}.Err()
}

// settled holds what was said of a file against its rules.
func settled(up *ledger.Upload, said register.Body) error {
	faults := register.Decode(said, &up.AttachmentInput)
	if up.Taken == nil {
		faults.At("#/file", "required", "The form has no part file.")
	} else if up.Size == 0 {
		faults.At("#/file", "too_short", "The file is empty.")
	}
	return faults.Err()
}

func readText(part *multipart.Part, said register.Body) (register.Body, error) {
	raw, err := io.ReadAll(io.LimitReader(part, formRoom))
	if err != nil {
		return said, err
	}
	if !utf8.Valid(raw) {
		return said, fault.Fields{{Pointer: "#/" + part.FormName(), Code: "invalid_format", Detail: part.FormName() + " is no UTF-8."}}.Err()
	}
	text, err := json.Marshal(string(raw))
	return append(said, register.Member{Name: part.FormName(), Raw: text}), err
}

// fileNameOf is the name of a part's file with the folders that a sender may have
// left in it: the ledger takes them off, on every system alike.
func fileNameOf(part *multipart.Part) string {
	_, values, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return part.FileName()
	}
	return values["filename"]
}

// getAttachment answers what there is to say of a file.
//
//	@ID			getAttachment
//	@Summary	Read about an attachment
//	@Description	Name, type, size and digest of one file, if the caller may see it. The key needs the read scope of its record's collection.
//	@Tags		Attachments
//	@Param		id	path	string	true	"the attachment's id"
//	@Success	200	{object}	ledger.Attachment
//	@Router		/attachments/{id} [get]
func (s *server) getAttachment(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	id, err := besideID(c)
	if err != nil {
		return err
	}
	a, err := s.ledger.Attachment(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, a)
}

// removeAttachment removes a file.
//
//	@ID			removeAttachment
//	@Summary	Remove an attachment
//	@Description	Who attached it may, and who may remove the record; not from a closed record. That it was there stays in the history; its content goes after an hour, once no attachment has it. Writes the event of the record's noun with the word attachment_removed.
//	@Tags		Attachments
//	@Param		id				path	string	true	"the attachment's id"
//	@Param		validate_only	query	bool	false	"run all checks and change nothing"
//	@Success	204
//	@Router		/attachments/{id} [delete]
func (s *server) removeAttachment(c echo.Context) error {
	if _, err := params(c, "validate_only"); err != nil {
		return err
	}
	id, err := besideID(c)
	if err != nil {
		return err
	}
	ask, err := asked(c, nil)
	if err != nil {
		return err
	}
	if err := s.ledger.Detach(c.Request().Context(), id, ask); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// downloadAttachment answers the file itself.
//
//	@ID			downloadAttachment
//	@Summary	Download an attachment
//	@Description	The bytes, always as a file to be saved: no browser shows or runs them in the name of this server. The ETag is the SHA-256 of the content. One range of bytes may be asked for. The key needs the read scope of its record's collection.
//	@Tags		Attachments
//	@Param		id		path	string	true	"the attachment's id"
//	@Param		Range	header	string	false	"one range, such as bytes=0-1023"
//	@Produce	octet-stream
//	@Success	200	{file}	file
//	@Success	206	{file}	file
//	@Router		/attachments/{id}/content [get]
func (s *server) downloadAttachment(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	id, err := besideID(c)
	if err != nil {
		return err
	}
	a, file, err := s.ledger.Content(c.Request().Context(), id)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it only read
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(transfer))
	h, r := c.Response().Header(), c.Request().Clone(c.Request().Context())
	h.Set(echo.HeaderContentType, a.ContentType)
	h.Set(echo.HeaderContentDisposition, disposition(a.FileName))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("ETag", strconv.Quote(a.SHA256))
	if !oneRange(r.Header.Get("Range"), a.Size) {
		r.Header.Del("Range") // which a server may leave unheeded
	}
	http.ServeContent(c.Response(), r, "", time.Time{}, file)
	return nil
}

var aRange = regexp.MustCompile(`^bytes=(\d{1,18})-(\d{0,18})$|^bytes=-(\d{1,18})$`)

// oneRange reports whether a header asks for one range of bytes that there is.
func oneRange(given string, size int64) bool {
	m := aRange.FindStringSubmatch(given)
	if m == nil {
		return false
	}
	if m[1] == "" {
		return strings.Trim(m[3], "0") != ""
	}
	from, _ := strconv.ParseInt(m[1], 10, 64) // digits alone
	to, err := strconv.ParseInt(m[2], 10, 64)
	return from < size && (err != nil || to >= from)
}

// disposition has a file saved under its name (RFC 6266): in plain letters, and as
// it is for those who read that.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, plain, strings.ReplaceAll(url.QueryEscape(name), "+", "%20"))
}
