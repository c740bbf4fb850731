package api_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"rapport/api"
	"rapport/internal/testkit"
)

// pipes is a listener of connections that hold nothing in between: what is not
// read is not sent.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Who asks for a file and does not read it is cut off, and can tell that the file
// is not whole; who reads slowly gets all of it.
func TestWhoDoesNotReadAFileIsCutOff(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	var operations []fields
	for _, name := range strings.Fields("one two three four five six seven eight nine ten eleven twelve") {
		operations = append(operations, fields{"op": "create", "body": fields{"name": name, "purpose": strings.Repeat("x", 2000)}})
	}
	h.As("l4").Post("/groups/batch?allow_duplicate=true", batchOf(true, operations...)).Want(200)
	server := &http.Server{Handler: api.New(h.Ledger, api.Config{CursorKey: []byte(testkit.Secret), ReadingTime: 300 * time.Millisecond}), ReadHeaderTimeout: time.Minute}
	listener := make(pipes)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { close(listener); _ = server.Close() })
	ask := func() net.Conn {
		client, other := net.Pipe()
		listener <- other
		if _, err := io.WriteString(client, "GET /api/v1/groups/export HTTP/1.1\r\nHost: rapport\r\nConnection: close\r\nAuthorization: Bearer "+testkit.Key("l4")+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return client
	}
	whole := func(file []byte) bool { return bytes.HasSuffix(file, []byte("\r\n0\r\n\r\n")) }
	slow := ask()
	var all []byte
	for part := make([]byte, 5000); ; time.Sleep(10 * time.Millisecond) {
		n, err := slow.Read(part)
		all = append(all, part[:n]...)
		if err != nil {
			break
		}
	}
	if !whole(all) || bytes.Count(all, []byte("GRP-")) != 12 {
		t.Errorf("who reads slowly gets %d bytes, ending in %q", len(all), all[max(0, len(all)-40):])
	}
	idle := ask()
	if _, err := io.ReadFull(idle, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(600 * time.Millisecond)
	if rest, _ := io.ReadAll(idle); whole(rest) {
		t.Errorf("who did not read got the file all the same")
	}
	if head := h.As("l4").Do(http.MethodHead, "/groups/export?format=ndjson", nil).Want(200); head.Header.Get("Content-Type") != "application/x-ndjson" || len(head.Body) != 0 {
		t.Errorf("HEAD answers %v %s", head.Header, head.Body)
	}
}
