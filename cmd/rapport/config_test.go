package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"rapport/api"
)

// A wrong setting stops the program with its name, wherever it was set.
func TestWrongSettingsAreNamed(t *testing.T) {
	m := newMachine(t)
	wrong := map[string][]string{
		"RAPPORT_LISTEN":           {"8080", "host", "127.0.0.1:http", "127.0.0.1:70000"},
		"RAPPORT_DATABASE_URL":     {"mysql://x", "rapport.db"},
		"RAPPORT_PUBLIC_URL":       {"rapport.example.org", "https://x/", "ftp://x", "https://u:p@x", "https://x?y=1"},
		"RAPPORT_SECRET":           {"short", strings.Repeat("ab", 40), "changeme"},
		"RAPPORT_CORS_ORIGINS":     {"*", "https://a.example.org/path", "a.example.org"},
		"RAPPORT_REQUIRE_IF_MATCH": {"yes please", "2"},
		"RAPPORT_MAX_UPLOAD":       {"0", "-1", "25MB", "5GiB", "many"},
		"RAPPORT_RATE_LIMIT":       {"many", "600", "default=-1", "writes=5", "default=600;write=120", "write=1000001"},
		"RAPPORT_BACKUP_EVERY":     {"daily", "10s", "-1h", "9000h"},
		"RAPPORT_BACKUP_KEEP":      {"0", "all", "10001"},
		"RAPPORT_SECURITY_CONTACT": {"security@example.org", "mailto:nobody", "http://example.org", "https:"},
		"RAPPORT_MAX_IN_FLIGHT":    {"0", "-1", "all", "100001"},
		"RAPPORT_TRUSTED_PROXIES":  {"10.0.0.0/33", "proxy.example.org", "0.0.0.0/0", "::/0", "10.1.2.3,*"},
		"RAPPORT_PROXY_HEADER":     {"X-Real-IP", "both"},
		"RAPPORT_OIDC_ISSUER":      {"id.example.org", "http://id.example.org", "https://u:p@id.example.org", "https://id.example.org?x=1", "https://id.example.org"},
		"RAPPORT_OIDC_AUDIENCE":    {"rapport"},
		"RAPPORT_OIDC_ALGORITHMS":  {"none", "HS256", "RS256,HS512", "rs256"},
		"RAPPORT_OIDC_TYPES":       {"id_token", "at+jwt,anything"},
		"RAPPORT_LOG":              {"xml", "JSON"},
	}
	for _, s := range settings() {
		if s.variable == "RAPPORT_DATA" || s.variable == "RAPPORT_BACKUP_DIR" {
			continue // any folder will do
		}
		if len(wrong[s.variable]) == 0 {
			t.Errorf("no wrong value of %s is tried", s.variable)
		}
		for _, value := range wrong[s.variable] {
			t.Setenv(s.variable, value)
			_, said := m.types(2, "version")
			mentions(t, said, s.variable)
		}
		t.Setenv(s.variable, "")
		m.types(0, "version")
	}
	_, said := m.types(2, "version", "--log", "xml")
	mentions(t, said, "RAPPORT_LOG")
	t.Setenv("RAPPORT_DATABASE_URL", "postgres://rapport:very-secret@db/rapport")
	_, said = m.types(2, "version")
	mentions(t, said, "RAPPORT_SECRET", "RAPPORT_DATABASE_URL")
	t.Setenv("RAPPORT_SECRET", "a secret of tests, 0123456789abcdef")
	t.Setenv("RAPPORT_BACKUP_EVERY", "24h")
	_, said = m.types(2, "version")
	mentions(t, said, "RAPPORT_BACKUP_EVERY", "pg_dump")
}

// Half a setting of issuers stops the start, and names the half that lacks.
func TestIssuersAreSetWholly(t *testing.T) {
	m := newMachine(t)
	t.Setenv("RAPPORT_OIDC_ISSUER", "https://id.example.org,https://login.example.net/realms/town/")
	_, said := m.types(2, "version")
	mentions(t, said, "RAPPORT_OIDC_AUDIENCE is required with RAPPORT_OIDC_ISSUER")
	t.Setenv("RAPPORT_OIDC_AUDIENCE", "rapport, https://rapport.example.org")
	m.types(0, "version")
	t.Setenv("RAPPORT_OIDC_AUDIENCE", "rapport,,x")
	_, said = m.types(2, "version")
	mentions(t, said, "RAPPORT_OIDC_AUDIENCE")
	t.Setenv("RAPPORT_OIDC_AUDIENCE", "rapport")
	t.Setenv("RAPPORT_OIDC_ISSUER", "")
	_, said = m.types(2, "version")
	mentions(t, said, "RAPPORT_OIDC_ISSUER is required with RAPPORT_OIDC_AUDIENCE")
}

// Limits that are not named are as usual; 0 or off is none.
func TestLimits(t *testing.T) {
	for given, want := range map[string]api.Limits{
		"": usualLimits, "off": {}, "write=300": {Requests: 600, Writes: 300, SignIns: 10}, "default=0, write=0, sign-in=5": {SignIns: 5},
	} {
		if got, err := parseLimits(given); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", given, got, err, want)
		}
	}
}

// A variable that is nearly one of ours is pointed out.
func TestUnknownVariablesAreWarnedOf(t *testing.T) {
	m := newMachine(t)
	t.Setenv("RAPPORT_LISTNE", "127.0.0.1:1")
	_, said := m.types(0, "version")
	mentions(t, said, "RAPPORT_LISTNE", "did you mean RAPPORT_LISTEN")
}

// Usage that is wrong ends with status 2 and says what was meant.
func TestWrongUsage(t *testing.T) {
	m := newMachine(t)
	for _, args := range [][]string{
		{},
		{"bogus"},
		{"users"},
		{"users", "add"},
		{"keys", "create"},
		{"keys", "create", "--user", "a", "--service"},
		{"keys", "create", "--service"},
		{"keys", "create", "--user", "a", "--expires", "soon"},
		{"serve", "--bogus"},
		{"restore", "no-such-file"},
	} {
		m.types(2, args...)
	}
	help, _ := m.types(0, "--help")
	mentions(t, help, "serve", "users add", "RAPPORT_LISTEN", "Exit status")
}

func TestExpiry(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for given, want := range map[string]string{"": "", "P90D": "2027-02-20T09:00:00.000Z", "P1Y2M": "2028-01-22T09:00:00.000Z", "P2W": "2026-12-06T09:00:00.000Z", "2027-03-31": "2027-04-01T00:00:00.000Z"} {
		if got, err := parseExpiry(given, now); err != nil || got != want {
			t.Errorf("%q is %s, %v; want %s", given, got, err, want)
		}
	}
	for _, given := range []string{"P", "90", "P1H", "2026-11-21", "31.03.2027"} {
		if got, err := parseExpiry(given, now); err == nil {
			t.Errorf("%q was taken as %s", given, got)
		}
	}
}

const (
	tableBegins = "<!-- settings: printed by the test of cmd/rapport -->\n"
	tableEnds   = "<!-- end of settings -->"
)

// The README's table of settings is what the program takes. RAPPORT_TEST_WRITE
// writes it.
func TestReadmeListsTheSettings(t *testing.T) {
	const path = "../../README.md"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Skip("there is no README yet")
	}
	before, rest, begins := strings.Cut(string(raw), tableBegins)
	there, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("README.md has no table of settings between %q and %q", strings.TrimSpace(tableBegins), tableEnds)
	}
	if there == settingsTable() {
		return
	}
	if os.Getenv("RAPPORT_TEST_WRITE") == "" {
		t.Fatalf("README.md lists other settings than there are; RAPPORT_TEST_WRITE=1 go test ./cmd/rapport writes them:\n%s", settingsTable())
	}
	if err := os.WriteFile(path, []byte(before+tableBegins+settingsTable()+tableEnds+after), 0o644); err != nil { //nolint:gosec // a README is for all to read
		t.Fatal(err)
	}
}

// within waits a little more than a second for something to become true.
func within(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Error("it did not come about within a second")
}
