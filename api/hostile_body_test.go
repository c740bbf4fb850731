package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// deep is an object that nests n deep.
func deep(n int) string {
	return `{"custom_fields":` + strings.Repeat(`[`, n-1) + strings.Repeat(`]`, n-1) + `}`
}

// What is no JSON of ours is refused as such, with the offset of the flaw, by every
// operation that takes a body: before it is looked whether there is what the path names.
func TestMalformedBodiesAreRefusedEverywhere(t *testing.T) {
	h := testkit.Open(t)
	h.Quick = true
	l7 := h.As("l7")
	flaws := []string{
		``, ` `, `{`, `{"name":}`, `{"name":"a",}`, `{"name":"a" "kind":"group"}`, `{name:"a"}`, `{'name':'a'}`, `{"name":"a"} {}`, `{"name":"a"}x`, `{"name":"a"}]`, "{\"name\":\"a\"}\x00",
		`{"name":"a","name":"b"}`, `{"name":"a","n\u0061me":"b"}`, `{"external_ids":[{"key":"1","key":"2"}]}`, "\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00",
		`{"name":"\ud800"}`, `{"name":"\udc00\ud800"}`, `{"\ud800":1}`, "{\"name\":\"\xff\"}", "{\"name\":\"\xc0\xaf\"}", "{\"name\":\"\xed\xa0\x80\"}", "{\"name\":\"a\nb\"}", `{"name":"\x41"}`, `{"name":"\u00g0"}`,
		deep(33), strings.Repeat(`[`, 100_000), strings.Repeat(`{"a":`, 50_000),
		`{"power":18446744073709551616}`, `{"power":-9223372036854775809}`, `{"power":1e400}`, `{"power":1e19}`, `{"power":` + strings.Repeat("9", 5000) + `}`,
		`{"power":01}`, `{"power":.5}`, `{"power":1.}`, `{"power":+1}`, `{"power":0x10}`, `{"power":NaN}`, `{"power":Infinity}`, `{"power":1e}`, `nul`, `{"a":undefined}`, `// a remark`, `{/* a remark */}`,
	}
	turn := 0
	for _, op := range operations(t) {
		if op.RequestBody == nil || op.RequestBody.Value.Content["application/json"] == nil {
			continue
		}
		for range 8 { // every flaw by some operation, and every operation with some
			body := flaws[turn%len(flaws)]
			turn++
			r := l7.Do(op.method, op.path, body)
			if r.Status != 400 || r.Text("code") != "malformed-json" || r.Value("offset") == nil {
				t.Errorf("%s %s with %.60q: %d %.300s", op.method, op.path, body, r.Status, r.Body)
			}
		}
	}
	if turn < len(flaws) {
		t.Errorf("%d of %d flaws were tried", turn, len(flaws))
	}
}

// JSON that is sound and no object is understood, and breaks a rule.
func TestBodiesThatAreNoObjects(t *testing.T) {
	l7 := testkit.Open(t).As("l7")
	for _, body := range []string{`[]`, `null`, `"text"`, `7`, `true`, `[{"name":"a"}]`} {
		l7.Post("/stakeholders", body).Code(422, "validation-failed").Fault("#", "invalid_type")
		l7.Post("/authority/simulate", body).Code(422, "validation-failed")
	}
}

// What is within the bounds is taken: 32 deep, 64 bits, any text of Unicode.
func TestBoundsOfBodies(t *testing.T) {
	l7 := testkit.Open(t).As("l7")
	for body, pointer := range map[string]string{
		deep(32):                        "#/custom_fields",
		`{"size":9223372036854775807}`:  "#/size",
		`{"size":1.5}`:                  "#/size",
		`{"size":-0}`:                   "#/size",
		`{"size":1e3}`:                  "#/size",
		`{"name":"a\u0000b"}`:           "#/name",
		`{"name":"a\u001bb"}`:           "#/name",
		`{"name":"a\u0085b"}`:           "#/name",
		`{"description":"a\u0007"}`:     "#/description",
		`{"tags":["a\u0000"]}`:          "#/tags/0",
		`{"owner_id":"USR-1\u0000"}`:    "#/owner_id",
		`{"verified_on":"today\u0000"}`: "#/verified_on",
		`{"kind":"group\u0000"}`:        "#/kind",
	} {
		r := l7.Post("/stakeholders", body).Code(422, "validation-failed")
		if !strings.Contains(string(r.Body), `"pointer":"`+pointer+`"`) {
			t.Errorf("%s: no fault at %s\n%s", body, pointer, r.Body)
		}
	}
	made := l7.Post("/stakeholders", `{"name":"  \ud83d\ude00 Cafe\u0301 \u202e\u200d ","kind":"group","description":"a\tb\r\nc"}`).Want(201)
	if got := made.Text("name"); got != "😀 Café \u202e\u200d" || made.Text("description") != "a\tb\r\nc" {
		t.Errorf("the name is %q, the description %q", got, made.Text("description"))
	}
}

// A body of nothing but unknown members costs no more than its reading: a hundred of
// them are told of, and for twenty the name is looked for that was meant.
func TestManyUnknownMembersStayCheap(t *testing.T) {
	h := testkit.Open(t)
	l7 := h.As("l7")
	var b strings.Builder
	b.WriteString(`{"fields":{},"transition":"archive"`)
	for i := 0; b.Len() < 1<<20-40; i++ {
		fmt.Fprintf(&b, `,"descriptio%d":0`, i)
	}
	flat := b.String() + `}`
	long := `{"` + strings.Repeat("x", 1<<20-20) + `":1}`
	list := `{"channels":[` + strings.Repeat(`{"a":1,"addrss":2,"chanel":3,"consnt":4},`, 900) + `{}]}`
	enums := `{"roles":[` + strings.Repeat(`"customr",`, 999) + `"customr"]}`
	for _, body := range []string{flat, long, list, enums} {
		for _, path := range []string{"/stakeholders", "/authority/simulate", "/stakeholders/STK-1/transitions"} {
			r := l7.Post(path, body)
			if r.Status != 422 && r.Status != 404 {
				t.Fatalf("%s: %d %.300s", path, r.Status, r.Body)
			}
			var p struct {
				Errors []struct{ Suggestion, Pointer string }
			}
			_ = json.Unmarshal(r.Body, &p)
			looked := 0
			for _, e := range p.Errors {
				if e.Suggestion != "" {
					looked++
				}
			}
			if len(p.Errors) > 100 || looked > 20 || len(r.Body) > 100_000 {
				t.Errorf("%s: %d faults, %d suggestions, %d bytes", path, len(p.Errors), looked, len(r.Body))
			}
		}
	}
}
