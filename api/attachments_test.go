package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
	"rapport/internal/testkit"
)

// part is a part of a form: a file where it has a file name.
type part struct{ name, fileName, content string }

// aForm is a form as a client sends it, with its media type.
func aForm(parts ...part) (media string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q`, p.name))
		if p.fileName != "" {
			h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename="%s"`, p.name, p.fileName))
			h.Set("Content-Type", "text/html") // what nobody believes
		}
		out, err := w.CreatePart(h)
		if err != nil {
			panic(err)
		}
		_, _ = out.Write([]byte(p.content))
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func send(c *testkit.Client, path string, parts ...part) *testkit.Reply {
	media, body := aForm(parts...)
	return c.With("Content-Type", media).Post(path+"/attachments", body)
}

// stored are the files in the folder of contents.
func stored(h *testkit.House) (names []string) {
	_ = filepath.WalkDir(filepath.Join(h.Folder(), "files"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return nil
	})
	return names
}

const pdf = "%PDF-1.7\nDear Harbour Board, the noise at night …"

// The residents' letter is put beside an issue, read back byte by byte, and told
// of in the history.
func TestALetterIsAttached(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	at := "/issues/" + l4.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	made := send(l4, at, part{"description", "", " The letter of the residents "}, part{"file", `C:\Briefe\Beschwerde Lärm.pdf`, pdf}).Want(201)
	if made.Text("file_name") != "Beschwerde Lärm.pdf" || made.Text("content_type") != "application/pdf" || made.Text("size") != fmt.Sprint(len(pdf)) {
		t.Errorf("not as sent: %s", made.Body)
	}
	if made.Text("description") != "The letter of the residents" || made.Text("sensitivity") != "internal" || made.Text("uploaded_by.name") != "Person l4" || made.Header.Get("Location") != made.Text("url") {
		t.Errorf("not as said: %s", made.Body)
	}
	content := strings.TrimPrefix(made.Text("content_url"), "/api/v1")
	got := l4.Get(content).Want(200)
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "ETag": `"` + made.Text("sha256") + `"`, "X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes",
		"Content-Security-Policy": "sandbox; default-src 'none'", "Content-Length": fmt.Sprint(len(pdf)), "Cache-Control": "private, no-cache",
		"Content-Disposition": `attachment; filename="Beschwerde L_rm.pdf"; filename*=UTF-8''Beschwerde%20L%C3%A4rm.pdf`,
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
		}
	}
	if string(got.Body) != pdf {
		t.Errorf("read back %q", got.Body)
	}
	if r := l4.With("Range", "bytes=1-3").Get(content).Want(206); string(r.Body) != "PDF" {
		t.Errorf("the range is %q", r.Body)
	}
	if r := l4.With("Range", "bytes=-3").Get(content).Want(206); len(r.Body) != 3 {
		t.Errorf("the end is %q", r.Body)
	}
	for _, odd := range []string{"bytes=9999-", "bytes=3-1", "bytes=0-1,3-4", "pages=1-2", "bytes=-0"} {
		if r := l4.With("Range", odd).Get(content).Want(200); string(r.Body) != pdf {
			t.Errorf("%s gives %q", odd, r.Body)
		}
	}
	l4.With("If-None-Match", got.Header.Get("ETag")).Get(content).Want(304)
	l4.With("Accept", "application/pdf").Get(content).Want(200)

	if v := l4.Get(at).Want(200).Text("version"); v != "1" {
		t.Errorf("the issue went to version %s", v)
	}
	items := l4.Get(at + "/timeline?kinds=attachment").Want(200)
	if items.Len("data") != 1 || items.Text("data.0.attachment.id") != made.ID() || items.Text("data.0.data.diff.0.to") != made.ID() {
		t.Errorf("the timeline says %s", items.Body)
	}
	l4.Delete("/attachments/" + made.ID()).Want(204)
	l4.Get(content).Code(404, "not-found")
	if n := l4.Get(at + "/attachments").Want(200).Len("data"); n != 0 {
		t.Error("a removed file is listed")
	}
	if h.Told(register.Issues, strings.TrimPrefix(at, "/issues/"), "attachment_removed") != 1 {
		t.Error("nothing tells of the removal")
	}
}

// The same bytes lie there once, and go when nothing has needed them for a while.
func TestTheSameBytesAreKeptOnce(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	at := "/issues/" + l4.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	first := send(l4, at, part{"file", "a.pdf", pdf}).Want(201)
	second := send(l4, at, part{"file", "b.pdf", pdf}).Want(201)
	if names := stored(h); len(names) != 1 || names[0] != first.Text("sha256") || second.Text("sha256") != first.Text("sha256") {
		t.Errorf("stored %v", names)
	}
	sweep := func(want int) {
		t.Helper()
		if _, err := h.DB.Files().Sweep(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		if got := len(stored(h)); got != want {
			t.Errorf("%d files, want %d", got, want)
		}
	}
	l4.Delete("/attachments/" + first.ID()).Want(204)
	h.Clock.Forward(time.Minute)
	sweep(1)
	if r := l4.Get("/attachments/" + second.ID() + "/content").Want(200); string(r.Body) != pdf {
		t.Error("the other one lost its content")
	}
	l4.Delete("/attachments/" + second.ID()).Want(204)
	if _, err := h.DB.Files().Sweep(context.Background(), store.Grace); err != nil || len(stored(h)) != 1 {
		t.Errorf("swept at once: %v", err)
	}
	h.Clock.Forward(time.Minute)
	sweep(0)
	again := send(l4, at, part{"file", "a.pdf", pdf}).Want(201)
	l4.Get("/attachments/" + again.ID() + "/content").Want(200)

	key := l4.With("Idempotency-Key", "f-1")
	once := send(key, at, part{"file", "c.pdf", pdf}).Want(201)
	if twice := send(key, at, part{"file", "c.pdf", pdf}).Want(201); twice.ID() != once.ID() || twice.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("attached twice: %s", twice.Body)
	}
	send(key, at, part{"file", "c.pdf", pdf + "!"}).Code(422, "idempotency-key-reused")
}

// What is too large, breaks off or is no form leaves nothing behind.
func TestUploadsThatAreRefused(t *testing.T) {
	h := testkit.Open(t)
	l4 := h.As("l4")
	id := l4.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	at := "/issues/" + id
	large := strings.Repeat("x", 26<<20)
	if r := send(l4, at, part{"file", "a", large}).Code(413, "payload-too-large"); r.Text("max_bytes") != "2.62144e+07" || r.Header.Get("Connection") != "close" {
		t.Errorf("refused by %s", r.Body)
	}
	send(l4, at, part{"file", "a", large[:25<<20+1]}).Code(413, "payload-too-large") // found out on the way
	media, body := aForm(part{"file", "a", "whole"})
	l4.With("Content-Type", media).Post(at+"/attachments", body[:len(body)-20]).Code(422, "validation-failed").Fault("#", "invalid_format")
	l4.With("Content-Type", "multipart/form-data").Post(at+"/attachments", body).Code(415, "unsupported-media-type")
	l4.Post(at+"/attachments", `{"file":"a"}`).Code(415, "unsupported-media-type")
	send(l4, at, part{"description", "", "no file"}).Code(422, "validation-failed").Fault("#/file", "required")
	send(l4, at, part{"file", "a", ""}).Code(422, "validation-failed").Fault("#/file", "too_short")
	send(l4, at, part{"file", "a", "1"}, part{"file", "b", "2"}).Code(422, "validation-failed").Fault("#/file", "unknown_field")
	send(l4, at, part{"file", "a", "1"}, part{"sensitivity", "", "secret"}).Code(422, "validation-failed").Fault("#/sensitivity", "not_in_enum")
	send(l4, at, part{"file", "a", "1"}, part{"description", "", "\xff"}).Code(422, "validation-failed").Fault("#/description", "invalid_format")
	send(l4, "/issues/ISS-999", part{"file", "a", "1"}).Code(404, "not-found")
	send(h.As("none"), at, part{"file", "a", "1"}).Code(403, "insufficient-level")
	send(h.As("service"), at, part{"file", "a", "1"}).Code(403, "insufficient-level")
	send(h.Enlist("viewer", "l5", "none", "viewer"), at, part{"file", "a", "1"}).Code(403, "insufficient-scope")
	if names := stored(h); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
}

// Who entered a record may attach to it; closed ones stay as they are.
func TestWhoMayAttach(t *testing.T) {
	h := testkit.Open(t)
	reception, l4, l5 := h.As("none"), h.As("l4"), h.As("l5")
	at := "/issues/" + reception.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	mine := send(reception, at, part{"file", "a", "1"}).Want(201).ID()
	theirs := send(l4, at, part{"file", "b", "2"}).Want(201).ID()
	reception.Delete("/attachments/"+theirs).Code(403, "insufficient-level")
	l4.Delete("/attachments/"+mine).Code(403, "insufficient-level")
	l4.Delete("/attachments/" + theirs + "?validate_only=true").Want(204)
	l5.Delete("/attachments/" + theirs).Want(204)
	l5.Delete("/attachments/"+theirs).Code(404, "not-found")
	machine := "/issues/" + h.As("service").Post("/issues", `{"title":"Ticket"}`).Want(201).ID()
	send(h.As("service"), machine, part{"file", "screen.png", "\x89PNG\r\n\x1a\n0000"}).Want(201)

	issue := l5.Post("/issues", `{"title":"Twice"}`).Want(201).ID()
	file := send(l5, "/issues/"+issue, part{"file", "a", "1"}).Want(201).ID()
	h.Force(register.Issues, issue, "cancelled")
	send(l5, "/issues/"+issue, part{"file", "b", "2"}).Code(422, "validation-failed").Fault("#/file", "not_allowed_in_state")
	l5.Delete("/attachments/"+file).Code(422, "validation-failed")
	l5.Get("/attachments/" + file + "/content").Want(200)
}

// A file may be more sensitive than its record, and never less.
func TestAFileHasASensitivityOfItsOwn(t *testing.T) {
	h := testkit.Open(t)
	l4, l4b, l6 := h.As("l4"), h.As("l4b"), h.As("l6")
	id := l6.Post("/issues", `{"title":"Noise at night","owner_id":"`+h.People["l4b"]+`"}`).Want(201).ID()
	at := "/issues/" + id
	secret := send(l6, at, part{"file", "offer.txt", "secret"}, part{"sensitivity", "", "restricted"}).Want(201).ID()
	own := send(l4, at, part{"file", "note.txt", "own"}, part{"sensitivity", "", "confidential"}).Want(201).ID()
	public := send(l6, at, part{"file", "leaflet.txt", "all"}, part{"sensitivity", "", "public"}).Want(201)
	if public.Text("sensitivity") != "internal" {
		t.Errorf("a file of an internal record is %s", public.Text("sensitivity"))
	}
	count := func(c *testkit.Client, want int) {
		t.Helper()
		if r := c.Get(at + "/attachments").Want(200); r.Len("data") != want {
			t.Errorf("%d files, want %d: %s", r.Len("data"), want, r.Body)
		}
	}
	count(l6, 3)
	count(l4b, 3) // the owner
	count(l4, 2)  // what l4 brought, and what is internal
	count(h.As("l5"), 2)
	count(h.As("none"), 1)
	count(h.Enlist("capped", "l6", "internal", "manager"), 1)
	for _, path := range []string{"/attachments/" + secret, "/attachments/" + secret + "/content"} {
		l4.Get(path).Code(404, "not-found")
		l4b.Get(path).Want(200)
	}
	l4.Delete("/attachments/"+secret).Code(404, "not-found")
	l4.Get("/attachments/" + own).Want(200)
	if r := l4.Get(at + "/timeline?kinds=attachment").Want(200); strings.Contains(string(r.Body), "offer") || r.Len("data") != 2 {
		t.Errorf("the timeline tells of a restricted file: %s", r.Body)
	}
	l6.Patch(at, `{"sensitivity":"restricted"}`).Want(200)
	l4.Get("/attachments/"+own).Code(404, "not-found") // its record is hidden now
	if got := l6.Get("/attachments/" + public.ID()).Want(200).Text("sensitivity"); got != "restricted" {
		t.Errorf("a file of a restricted record is %s", got)
	}
}

// Whoever does not see a file is told nowhere that there is one, who brought it and
// when: not in the history, not by the feed, not by its stream.
func TestHistoriesAreSilentOnFilesThatAreNotSeen(t *testing.T) {
	h := testkit.Open(t)
	l4, owner, l6 := h.As("l4"), h.As("l4b"), h.As("l6")
	server := h.Serve()
	at := "/issues/" + l6.Post("/issues", `{"title":"Noise at night","owner_id":"`+h.People["l4b"]+`"}`).Want(201).ID()
	told := l4.Follow(server, "/events/stream?types=issue.attachment_added")
	secret := send(l6, at, part{"file", "offer.txt", "secret"}, part{"sensitivity", "", "restricted"}).Want(201).ID()
	gone := send(l6, at, part{"file", "draft.txt", "draft"}, part{"sensitivity", "", "restricted"}).Want(201).ID()
	l6.Delete("/attachments/" + gone).Want(204)
	open := send(l6, at, part{"file", "letter.txt", "letter"}).Want(201).ID()
	if e := told.Next(); !strings.Contains(fmt.Sprint(e.Data), open) {
		t.Errorf("the stream tells %s", e.Data)
	}
	entries := func(c *testkit.Client, want int, paths ...string) {
		t.Helper()
		for _, path := range paths {
			r := c.Get(path).Want(200)
			if got := strings.Count(string(r.Body), `"attachment_id"`); got != want {
				t.Errorf("%s tells of %d changes of files, want %d: %s", path, got, want, r.Body)
			}
			if told := strings.Contains(string(r.Body), secret); told != (want > 1) {
				t.Errorf("%s tells the id of the restricted file: %v", path, told)
			}
		}
	}
	histories := []string{at + "/changes", at + "/timeline"}
	entries(l4, 1, append(histories, "/events?types=issue.*")...)
	entries(h.As("none"), 1, histories...)
	entries(h.Enlist("capped", "l6", "internal", "manager"), 1, append(histories, "/me/activity")...)
	entries(l6, 4, append(histories, "/events?types=issue.*", "/me/activity")...)
	entries(owner, 4, histories...) // named, and so cleared for what lies beside
	if page := l4.Get(at + "/changes?limit=1").Want(200); page.Len("data") != 1 || page.Value("page.has_more") != true {
		t.Errorf("a page is not filled: %s", page.Body)
	}
	l6.Patch(at, `{"sensitivity":"restricted","access_user_ids":["`+h.People["l4"]+`"]}`).Want(200)
	entries(l4, 4, append(histories, "/events?types=issue.*")...) // the record is no less sensitive now
}

// Whatever a file is called, it has a name under which it can be kept.
func TestHostileFileNames(t *testing.T) {
	for given, want := range map[string]string{
		"../../etc/passwd": "passwd", `..\..\boot.ini`: "boot.ini", "": "file", "...": "file", "/": "file", "a\x00b\r\n.txt": "ab.txt", ".htaccess": "htaccess",
		"invoice\u202efdp.exe": "invoicefdp.exe", "a<b>:c|d?.txt": "a_b__c_d_.txt", "e\u0301cole.txt": "école.txt", "\xff\xfe.txt": "txt", "con. . .": "con",
		strings.Repeat("ä", 300) + ".pdf": strings.Repeat("ä", 196) + ".pdf",
	} {
		if got := ledger.FileName(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

// Backups made at intervals hold the files, and take theirs along when they go.
func TestBackupsTakeTheirFilesAlong(t *testing.T) {
	if os.Getenv("RAPPORT_TEST_POSTGRES") != "" {
		t.Skip("PostgreSQL has its own tools")
	}
	h := testkit.Open(t)
	l4, dir := h.As("l4"), filepath.Join(t.TempDir(), "backups")
	at := "/issues/" + l4.Post("/issues", `{"title":"Noise at night"}`).Want(201).ID()
	send(l4, at, part{"file", "letter.pdf", pdf}).Want(201)
	b := store.NewBackups(h.DB, dir, 24*time.Hour, 1)
	for range 2 {
		b.Tick(context.Background())
		h.Clock.Forward(25 * time.Hour)
	}
	list, err := b.List()
	if err != nil || len(list) != 1 || list[0].Files != 1 || list[0].FileBytes != int64(len(pdf)) {
		t.Errorf("the backups are %+v, %v", list, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 3 {
		t.Errorf("in the folder are %v", left)
	}
}
