package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/api"
	"rapport/internal/fault"
	"rapport/internal/secret"
)

// config is every setting of an installation. Each is a flag and an environment
// variable; an empty variable counts as not set. The README's table is printed
// from this struct, so what stands here is all there is.
type config struct {
	Listen          string   `help:"Address to listen on." env:"RAPPORT_LISTEN" default:"127.0.0.1:8080" group:"settings"`
	Data            string   `help:"Folder of the register." env:"RAPPORT_DATA" default:"./data" group:"settings"`
	DatabaseURL     string   `help:"PostgreSQL URL; empty = SQLite in the data folder." name:"database-url" env:"RAPPORT_DATABASE_URL" placeholder:"URL" group:"settings"`
	PublicURL       string   `help:"What absolute URLs begin with, such as https://rapport.example.org; empty = URLs are paths." name:"public-url" env:"RAPPORT_PUBLIC_URL" placeholder:"URL" group:"settings"`
	Secret          string   `help:"The installation's secret, at least 32 bytes; empty = the file secret in the data folder, made at the first start. Required with PostgreSQL. Prefer the variable: other people of the machine see flags." env:"RAPPORT_SECRET" placeholder:"TEXT" group:"settings"`
	CORSOrigins     []string `help:"Origins whose scripts may ask, comma separated; empty = none." name:"cors-origins" env:"RAPPORT_CORS_ORIGINS" placeholder:"ORIGIN" group:"settings"`
	RequireIfMatch  string   `help:"Refuse changes without If-Match: true or false." name:"require-if-match" env:"RAPPORT_REQUIRE_IF_MATCH" default:"false" group:"settings"`
	MaxUpload       string   `help:"The largest file that may be attached or imported, in bytes or as 25MiB." name:"max-upload" env:"RAPPORT_MAX_UPLOAD" default:"25MiB" group:"settings"`
	RateLimit       string   `help:"Requests a minute: default and write of each key, and sign-in = failed sign-ins of each address, and as many wrong tokens on each public route. Name those that are to be others, such as default=3000,write=600; off = no limits; empty = default=600,write=120,sign-in=10, and no limits with --demo." name:"rate-limit" env:"RAPPORT_RATE_LIMIT" placeholder:"LIMITS" group:"settings"`
	MaxInFlight     string   `help:"Requests answered at once. As many again wait a moment for their turn; any more are refused as busy." name:"max-in-flight" env:"RAPPORT_MAX_IN_FLIGHT" default:"256" group:"settings"`
	TrustedProxies  []string `help:"Networks of the proxies in front, comma separated such as 10.1.2.0/24: they alone are believed when they say for whom they ask; empty = nobody. Let each replace or append to the header." name:"trusted-proxies" env:"RAPPORT_TRUSTED_PROXIES" placeholder:"NETWORK" group:"settings"`
	ProxyHeader     string   `help:"The one header in which they say it: X-Forwarded-For or Forwarded." name:"proxy-header" env:"RAPPORT_PROXY_HEADER" default:"X-Forwarded-For" group:"settings"`
	OIDCIssuer      []string `help:"Issuers whose access tokens (JWT) are taken beside API keys, comma separated, as their tokens name them; empty = none. Goes with the audience." name:"oidc-issuer" env:"RAPPORT_OIDC_ISSUER" placeholder:"URL" group:"settings"`
	OIDCAudience    []string `help:"What a token must be meant for: its aud names one of these, comma separated. Let it be this register alone, and no client's id." name:"oidc-audience" env:"RAPPORT_OIDC_AUDIENCE" placeholder:"NAME" group:"settings"`
	OIDCAlgorithms  []string `help:"By what tokens may be signed: some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 and EdDSA." name:"oidc-algorithms" env:"RAPPORT_OIDC_ALGORITHMS" default:"RS256,PS256,ES256,EdDSA" group:"settings"`
	OIDCTypes       []string `help:"What the header of a token may name as its type. Leave at+jwt alone where your issuers name it so (RFC 9068). One of type JWT has to name a scope or its client, as ID tokens do not; add unmarked to take those that name neither." name:"oidc-types" env:"RAPPORT_OIDC_TYPES" default:"at+jwt,JWT" group:"settings"`
	BackupEvery     string   `help:"How often the register is copied into the folder of backups, such as 24h; empty = never. With SQLite only." name:"backup-every" env:"RAPPORT_BACKUP_EVERY" placeholder:"TIME" group:"settings"`
	BackupKeep      string   `help:"How many of those copies are kept." name:"backup-keep" env:"RAPPORT_BACKUP_KEEP" default:"7" group:"settings"`
	BackupDir       string   `help:"Folder of those copies, best on another disk; empty = backups in the data folder." name:"backup-dir" env:"RAPPORT_BACKUP_DIR" placeholder:"FOLDER" group:"settings"`
	SecurityContact string   `help:"Whom /.well-known/security.txt names, such as mailto:security@example.org; empty = nobody." name:"security-contact" env:"RAPPORT_SECURITY_CONTACT" placeholder:"URL" group:"settings"`
	Log             string   `help:"How the log is written: json or text." env:"RAPPORT_LOG" default:"json" group:"settings"`

	maxUpload   int64
	limits      api.Limits
	maxInFlight int
	proxies     api.Proxies
	backupEvery time.Duration
	backupKeep  int
	ifMatch     bool
	stderr      io.Writer
}

// wrongSetting says which setting is wrong and what it must be.
type wrongSetting struct{ name, must string }

func (w *wrongSetting) Error() string { return w.name + " " + w.must }

// check refuses a wrong setting by its name, before anything is opened.
func (c *config) check() (err error) {
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || !isPort(port) {
		return &wrongSetting{"RAPPORT_LISTEN", fmt.Sprintf("must be an address and a port such as 127.0.0.1:8080, not %q", c.Listen)}
	}
	if c.DatabaseURL != "" {
		if u, err := url.Parse(c.DatabaseURL); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" && u.Query().Get("host") == "" {
			return &wrongSetting{"RAPPORT_DATABASE_URL", "must be a URL such as postgres://user:password@host:5432/rapport"} // the value holds a password
		}
		if c.Secret == "" {
			return &wrongSetting{"RAPPORT_SECRET", "is required with RAPPORT_DATABASE_URL: every process must have the same"}
		}
	}
	if c.PublicURL != "" && !isOrigin(c.PublicURL, true) {
		return &wrongSetting{"RAPPORT_PUBLIC_URL", fmt.Sprintf("must be a URL such as https://rapport.example.org, without query and closing slash, not %q", c.PublicURL)}
	}
	if c.Secret != "" {
		if _, err := secret.Parse(c.Secret); err != nil {
			return &wrongSetting{"RAPPORT_SECRET", "must have at least 32 bytes and not be a placeholder"}
		}
	}
	for _, o := range c.CORSOrigins {
		if !isOrigin(o, false) {
			return &wrongSetting{"RAPPORT_CORS_ORIGINS", fmt.Sprintf("must list origins such as https://app.example.org, not %q", o)}
		}
	}
	if c.ifMatch, err = strconv.ParseBool(c.RequireIfMatch); err != nil {
		return &wrongSetting{"RAPPORT_REQUIRE_IF_MATCH", fmt.Sprintf("must be true or false, not %q", c.RequireIfMatch)}
	}
	if c.maxUpload, err = parseSize(c.MaxUpload); err != nil {
		return &wrongSetting{"RAPPORT_MAX_UPLOAD", fmt.Sprintf("must be a number of bytes up to 4GiB such as 26214400 or 25MiB, not %q", c.MaxUpload)}
	}
	if c.limits, err = parseLimits(c.RateLimit); err != nil {
		return &wrongSetting{"RAPPORT_RATE_LIMIT", fmt.Sprintf("must be off, or name some of default, write and sign-in with a number from 0 to 1000000 such as default=600,write=120, not %q", c.RateLimit)}
	}
	if c.maxInFlight, err = strconv.Atoi(c.MaxInFlight); err != nil || c.maxInFlight < 1 || c.maxInFlight > 100_000 {
		return &wrongSetting{"RAPPORT_MAX_IN_FLIGHT", fmt.Sprintf("must be a number from 1 to 100000, not %q", c.MaxInFlight)}
	}
	if err := c.checkProxies(); err != nil {
		return err
	}
	if err := c.checkIssuers(); err != nil {
		return err
	}
	if err := c.checkBackups(); err != nil {
		return err
	}
	if u, err := url.Parse(c.SecurityContact); c.SecurityContact != "" && (err != nil || strings.ContainsAny(c.SecurityContact, " \r\n") || !(u.Scheme == "mailto" && strings.Contains(u.Opaque, "@") || u.Scheme == "https" && u.Host != "")) {
		return &wrongSetting{"RAPPORT_SECURITY_CONTACT", fmt.Sprintf("must be a URL such as mailto:security@example.org or https://example.org/security, not %q", c.SecurityContact)}
	}
	if c.Log != "json" && c.Log != "text" {
		return &wrongSetting{"RAPPORT_LOG", fmt.Sprintf("must be json or text, not %q", c.Log)}
	}
	return nil
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= 65535
}

// isOrigin reports whether s is a scheme and a host, and with path perhaps a path.
func isOrigin(s string, path bool) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	return u.Path == "" || path && !strings.HasSuffix(s, "/")
}

var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"", 1}}

// parseSize reads a number of bytes, with or without a unit.
func parseSize(s string) (int64, error) {
	for _, u := range sizeUnits {
		if number, found := strings.CutSuffix(s, u.suffix); found {
			n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 32+8)
			if err == nil && (n < 1 || n > (4<<30)/u.bytes) {
				err = strconv.ErrRange
			}
			return n * u.bytes, err
		}
	}
	return 0, strconv.ErrSyntax
}

// checkBackups refuses intervals that cannot be kept, and backups of what is not
// ours to copy.
func (c *config) checkBackups() (err error) {
	if c.backupKeep, err = strconv.Atoi(c.BackupKeep); err != nil || c.backupKeep < 1 || c.backupKeep > 10_000 {
		return &wrongSetting{"RAPPORT_BACKUP_KEEP", fmt.Sprintf("must be a number from 1 to 10000, not %q", c.BackupKeep)}
	}
	if c.BackupEvery == "" {
		return nil
	}
	if c.backupEvery, err = time.ParseDuration(c.BackupEvery); err != nil || c.backupEvery < time.Minute || c.backupEvery > 366*24*time.Hour {
		return &wrongSetting{"RAPPORT_BACKUP_EVERY", fmt.Sprintf("must be a time from 1m to 8784h such as 24h, not %q", c.BackupEvery)}
	}
	if c.DatabaseURL != "" {
		return &wrongSetting{"RAPPORT_BACKUP_EVERY", "is for SQLite: have a register in PostgreSQL copied by pg_dump --format=custom, or by the database's own archiving, and leave this empty"}
	}
	return nil
}

// checkProxies refuses networks that are none, and those that hold everybody: who
// believes all of them believes what anybody says of themself.
func (c *config) checkProxies() error {
	if c.proxies.Header = http.CanonicalHeaderKey(c.ProxyHeader); c.proxies.Header != api.XForwardedFor && c.proxies.Header != api.Forwarded {
		return &wrongSetting{"RAPPORT_PROXY_HEADER", fmt.Sprintf("must be X-Forwarded-For or Forwarded, not %q", c.ProxyHeader)}
	}
	for _, given := range c.TrustedProxies {
		given = strings.TrimSpace(given)
		network, err := netip.ParsePrefix(given)
		if alone, not := netip.ParseAddr(given); not == nil {
			network, err = alone.Prefix(alone.BitLen())
		}
		if err != nil || network.Bits() == 0 {
			return &wrongSetting{"RAPPORT_TRUSTED_PROXIES", fmt.Sprintf("must list networks such as 10.1.2.0/24 or addresses, and not everybody, not %q", given)}
		}
		c.proxies.Trusted = append(c.proxies.Trusted, network)
	}
	return nil
}

// usualLimits are the limits of an installation that sets none.
var usualLimits = api.Limits{Requests: 600, Writes: 120, SignIns: 10}

// parseLimits reads limits of requests a minute; those not named are as usual.
func parseLimits(s string) (api.Limits, error) {
	l := usualLimits
	switch s {
	case "":
		return l, nil
	case "off":
		return api.Limits{}, nil
	}
	named := map[string]*int{"default": &l.Requests, "write": &l.Writes, "sign-in": &l.SignIns}
	for part := range strings.SplitSeq(s, ",") {
		name, number, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		into := named[strings.TrimSpace(name)]
		if err != nil || into == nil || n < 0 || n > 1_000_000 {
			return l, strconv.ErrSyntax
		}
		*into = n
	}
	return l, nil
}

// logger is the program's log.
func (c *config) logger(level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if c.Log == "text" {
		return slog.New(slog.NewTextHandler(c.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(c.stderr, options))
}

// setting is one row of the table of settings.
type setting struct{ variable, flag, initial, help string }

// settings lists the settings as the struct declares them.
func settings() (out []setting) {
	t := reflect.TypeFor[config]()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("env") == "" {
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		out = append(out, setting{f.Tag.Get("env"), "--" + name, f.Tag.Get("default"), f.Tag.Get("help")})
	}
	return out
}

// settingsTable is the README's table of settings.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("| Variable | Flag | Default | Meaning |\n| --- | --- | --- | --- |\n")
	for _, s := range settings() {
		initial := "–"
		if s.initial != "" {
			initial = "`" + s.initial + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.variable, s.flag, initial, s.help)
	}
	return b.String()
}

// readEnvironment makes empty variables count as not set, and returns a warning
// for each that begins like ours and is none.
func readEnvironment() (warnings []string) {
	var known []string
	for _, s := range settings() {
		known = append(known, s.variable)
	}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case !strings.HasPrefix(name, "RAPPORT_") || strings.HasPrefix(name, "RAPPORT_TEST_"):
		case !slices.Contains(known, name):
			warnings = append(warnings, unknownVariable(name, known))
		case strings.TrimSpace(value) == "":
			_ = os.Unsetenv(name)
		}
	}
	slices.Sort(warnings)
	return warnings
}

func unknownVariable(name string, known []string) string {
	if near := fault.Nearest(name, known); near != "" {
		return fmt.Sprintf("there is no setting %s; did you mean %s?", name, near)
	}
	return fmt.Sprintf("there is no setting %s", name)
}

// loopback reports whether an address is reached from this machine only.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
