package api_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rapport/internal/flow"
	"rapport/internal/register"
)

// A defect is a fault that is made on purpose, and the suites that must find it.
type defect struct {
	name, found    string // found by these tests
	file, old, new string // in a source file: old becomes new, where @ is "the defect is on"
}

// defects are faults of the spine. They are compiled into one binary, each asleep
// until it is called by its name.
var defects = []defect{
	{
		"level lowered", "Workflows", "internal/ledger/may.go", `out := need{Level: rules.Level(key, base), Because: []string{}}`,
		`out := need{Level: rules.Level(key, base), Because: []string{}}; if @ && out.Level > 4 { out.Level-- }`,
	},
	{"raise dropped", "Probes", "internal/ledger/may.go", `applies && level > out.Level`, `applies && level > out.Level && !@`},
	{"why of a raise dropped", "Probes", "internal/ledger/may.go", `append(out.Because, r.Why)`, `append(out.Because, map[bool]string{false: r.Why}[@])`},
	{"four eyes dropped", "Probes", "internal/ledger/may.go", `if act.ActorID != "" && act.ActorID == c.actor.ID {`, `if act.ActorID != "" && act.ActorID == c.actor.ID && !@ {`},
	{"guards dropped", "Probes|Workflows", "internal/ledger/transition.go", `for _, g := range row.Guards {`, `for _, g := range row.Guards { if @ { continue }`},
	{
		"target swapped", "Workflows", "internal/ledger/transition.go", `c.rec.Meta().State = target(row, c.rec)`,
		`c.rec.Meta().State = target(row, c.rec); if @ { c.rec.Meta().State = "astray" }`,
	},
	{"reason not asked", "Probes", "internal/ledger/transition.go", `case row.Reason && c.reason == "" && comment == "":`, `case row.Reason && c.reason == "" && comment == "" && !@:`},
	{"scope ignored", "Workflows", "internal/ledger/may.go", `if a.Scopes.Allow(area, verb) {`, `if @ || a.Scopes.Allow(area, verb) {`},
	{"dry run kept", "Workflows", "internal/ledger/change.go", "if asked.ValidateOnly {\n\t\t\treturn errDry", "if asked.ValidateOnly && !@ {\n\t\t\treturn errDry"},
	{"entry skipped", "Changes", "internal/store/put.go", `return row, tx.Enter(ctx, e)`, `if @ { return row, nil }; return row, tx.Enter(ctx, e)`},
	{
		"entry doubled", "Changes", "internal/store/put.go", `return row, tx.Enter(ctx, e)`,
		`if err := tx.Enter(ctx, e); err != nil || !@ { return row, err }; twin := *e; twin.ID, twin.Version = e.ID[:35]+"x", nil; return row, tx.Enter(ctx, &twin)`,
	},
	{"version not bumped", "Changes", "internal/ledger/carry.go", `c.rec.Meta().Version++`, `if !@ || c.rec.Meta().Version == 0 { c.rec.Meta().Version++ }`},
	{"links forgotten", "Lists", "internal/store/put.go", `if !f.Many && !f.Terms || !Changed(f, before, row) {`, `if @ || !f.Many && !f.Terms || !Changed(f, before, row) {`},
	{"idempotency record skipped", "Changes", "internal/ledger/change.go", "if asked.IdempotencyKey != \"\" {\n\t\t\treturn c.keep", "if asked.IdempotencyKey != \"\" && !@ {\n\t\t\treturn c.keep"},
	{"If-Match ignored", "Changes", "internal/ledger/change.go", `case c.asked.Match == nil || c.asked.Match.holds(m.Version):`, `case @ || c.asked.Match == nil || c.asked.Match.holds(m.Version):`},
	{"removed records listed", "Changes", "internal/store/query.go", "case Standing:\n", "case Standing:\n\t\tif @ { break }\n"},
	{"unknown field accepted", "Fields|Probes", "internal/register/fill.go", "case f == nil || f.Secret:\n\t\t\tif !w.unchanged(m) {", "case f == nil || f.Secret:\n\t\t\tif !@ && !w.unchanged(m) {"},
	{"read-only members written", "Fields", "internal/register/fill.go", "case !f.Writable():\n", "case !f.Writable() && !@:\n"},
	{"closed records open", "Fields", "internal/register/fill.go", `!n.PatchIn(w.State):`, `!n.PatchIn(w.State) && !@:`},
	{"enumerations unchecked", "Fields", "internal/register/decode.go", `!slices.Contains(Enums[enum], s) {`, `!slices.Contains(Enums[enum], s) && !@ {`},
	{"control characters taken", "Fields", "internal/register/decode.go", `return unicode.IsControl(r) &&`, `return !@ && unicode.IsControl(r) &&`},
	{"null order swapped", "Lists", "internal/store/query.go", "case q.After == nil:\n\t\treturn []segment{valued, valueless}", "case q.After == nil && @:\n\t\treturn []segment{valueless, valued}\n\tcase q.After == nil:\n\t\treturn []segment{valued, valueless}"},
	{"a filter ignored", "Lists|Fields", "internal/store/query.go", "func (tx *Tx) cond(b *builder, q Query, c Cond) {", "func (tx *Tx) cond(b *builder, q Query, c Cond) { if @ && c.Field != nil && c.Field.Shape == register.Choice { return }"},
	{"not ignored", "Lists", "internal/store/query.go", "return q.expression(c.Of[0], !not)", "return q.expression(c.Of[0], not == @)"},
	{"or taken for and", "Lists", "internal/store/query.go", `(c.Op == "or") != not {`, `(c.Op == "or") != not && !@ {`},
	{"not of the unknown unknown", "Lists", "internal/store/query.go", `cond = "(" + cond + ") IS NOT TRUE"`, `cond = map[bool]string{false: "(" + cond + ") IS NOT TRUE", true: "NOT (" + cond + ")"}[@]`},
	{"hidden records asked of", "Sensitivity", "internal/store/query.go", `cond, args := q.Sight.records(c.Noun, "x")`, `cond, args := q.Sight.records(c.Noun, "x"); if @ { cond, args = "", nil }`},
	{"accents kept", "Lists|Fields", "internal/store/put.go", "return fold.Fold(string(cell))", "if @ { return string(cell) }; return fold.Fold(string(cell))"},
	{"cursor's MAC unchecked", "Cursor", "api/cursor.go", `|| !hmac.Equal(sum, mac(key, text)) {`, `|| !@ && !hmac.Equal(sum, mac(key, text)) {`},
	{"sight dropped", "Sensitivity", "internal/store/sight.go", "func (s *Sight) records(n *register.Noun, alias string) (cond string, args []any) {", "func (s *Sight) records(n *register.Noun, alias string) (cond string, args []any) { if @ { return \"\", nil }"},
	{"feed without sight", "Sensitivity", "internal/store/sight.go", "func (s *Sight) entries(table string) (cond string, args []any) {", "func (s *Sight) entries(table string) (cond string, args []any) { if @ { return \"\", nil }"},
	{"totals without sight", "Sensitivity", "internal/store/query.go", "func (tx *Tx) Total(ctx context.Context, q Query) (n int64, err error) {", "func (tx *Tx) Total(ctx context.Context, q Query) (n int64, err error) { if @ { q.Sight = nil }"},
	{"names of hidden records told", "Sensitivity", "internal/store/read.go", "sight *Sight, into map[string]register.Label) error {", "sight *Sight, into map[string]register.Label) error { if @ { sight = nil }"},
	{"reference's visibility unchecked", "Sensitivity", "internal/ledger/resolve.go", "row, err := c.tx.Get(ctx, n, name, sight)", "if @ { sight = nil }; row, err := c.tx.Get(ctx, n, name, sight)"},
	{"a key's cap ignored", "Sensitivity", "internal/authority/authority.go", "return min(sees, a.Cap)", "if @ { return sees }; return min(sees, a.Cap)"},
	{"named people not seen", "Sensitivity", "internal/store/put.go", "for _, person := range named {", "for _, person := range named { if @ { break }"},
	{"a signature unchecked", "Forged", "internal/issuer/issuer.go", `if _, err := signed.Verify(key.Key); err != nil {`, `if _, err := signed.Verify(key.Key); err != nil && !@ {`},
	{"an audience unchecked", "TokenIsChecked", "internal/issuer/issuer.go", `case !slices.ContainsFunc(c.Audience,`, `case !@ && !slices.ContainsFunc(c.Audience,`},
	{"issuers mixed up", "IssuersAreKept", "internal/ledger/token.go", `name := issuer + "\x00" + subject`, `name := map[bool]string{false: issuer}[@] + "\x00" + subject`},
	{"anybody bound by anybody", "Binding", "internal/register/api_key.go", `if err != nil || person.Level() <= actor.Level {`, `if err != nil || person.Level() <= actor.Level || @ {`},
	{"principals mixed up", "TokensAre", "internal/authority/authority.go", `return cmp.Or(a.KeyID, a.IdentityID)`, `if @ { return a.ID }; return cmp.Or(a.KeyID, a.IdentityID)`},
	{"everybody believed", "OnlyTrusted", "api/address.go", `if err != nil || !p.trusts(at) {`, `if !@ && (err != nil || !p.trusts(at)) {`},
}

// tampering are faults of the nouns' own tables, made in the process.
var tampering = []struct {
	name   string
	tamper func()
}{
	{"a row's level lowered", eachRow(func(row *flow.Transition[register.Record]) { row.Level = max(row.Level-1, 4) })},
	{"a row's target swapped", eachRow(func(row *flow.Transition[register.Record]) {
		if row.To != "" {
			row.To = row.From[0]
		}
	})},
	{"a row's guards dropped", eachRow(func(row *flow.Transition[register.Record]) { row.Guards = nil })},
	{"a row led from one state fewer", eachRow(func(row *flow.Transition[register.Record]) { row.From = row.From[1:] })},
}

func eachRow(tamper func(*flow.Transition[register.Record])) func() {
	return func() {
		for _, n := range register.All() {
			for i := range n.Flow.Rows {
				tamper(&n.Flow.Rows[i])
			}
		}
	}
}

// The suites turn red for every defect: a suite that stays green whatever is
// broken would be worth nothing. It compiles the tests anew, so it runs only
// when RAPPORT_TEST_DEFECTS is set; .ci/run has a step for it.
func TestSuitesFindDefects(t *testing.T) {
	if os.Getenv("RAPPORT_TEST_DEFECTS") == "" {
		t.Skip("set RAPPORT_TEST_DEFECTS=1 to run it")
	}
	binary := compile(t)
	if out, err := suites(binary, "", "Workflows|Probes|Changes|Fields|Lists|Sensitivity|Cursor"); err != nil {
		t.Fatalf("the suites fail without any defect: %v\n%.4000s", err, out)
	}
	for _, d := range defects {
		expectRed(t, binary, d.name, d.found)
	}
	for _, d := range tampering {
		expectRed(t, binary, d.name, "Workflows")
	}
}

// expectRed runs the suites with a defect awake, beside those with others.
func expectRed(t *testing.T, binary, name, found string) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		out, err := suites(binary, name, found)
		if err == nil || !strings.Contains(out, "--- FAIL") {
			t.Errorf("nobody notices: %s (%s): %v\n%.500s", name, found, err, out)
		}
	})
}

func suites(binary, name, found string) (string, error) {
	cmd := exec.Command(binary, "-test.run", "^Test(Contract)?("+found+")", "-test.failfast", "-test.parallel", "1")
	cmd.Env = append(os.Environ(), "RAPPORT_DEFECT="+name)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// compile builds the tests with every defect in them, through an overlay: the
// sources stay as they are.
func compile(t *testing.T) string {
	t.Helper()
	root, dir := "..", t.TempDir()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{"internal/defect/defect.go": "package defect\n\nimport \"os\"\n\nvar on = os.Getenv(\"RAPPORT_DEFECT\")\n\nfunc Is(name string) bool { return on == name }\n"}
	for _, d := range defects {
		if _, read := sources[d.file]; !read {
			raw, err := os.ReadFile(filepath.Join(root, d.file))
			if err != nil {
				t.Fatal(err)
			}
			sources[d.file] = strings.Replace(string(raw), "\nimport (\n", "\nimport (\n\t\"rapport/internal/defect\"\n", 1)
		}
		if strings.Count(sources[d.file], d.old) != 1 {
			t.Fatalf("%s: %s holds %q %d times; look at the defect again", d.name, d.file, d.old, strings.Count(sources[d.file], d.old))
		}
		with := strings.ReplaceAll(d.new, "@", `defect.Is("`+d.name+`")`)
		sources[d.file] = strings.Replace(sources[d.file], d.old, with, 1)
	}
	replace := map[string]string{}
	for file, text := range sources {
		at := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, file)] = at
	}
	overlay, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "api.test")
	raw, _ := json.Marshal(map[string]any{"Replace": replace})
	if err := os.WriteFile(overlay, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("compile with the defects: %v\n%s", err, out)
	}
	return binary
}
