package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"rapport/internal/fault"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

type keys struct {
	Create keysCreate `cmd:"" help:"Make a key and print it, this once."`
	List   keysList   `cmd:"" help:"List the keys."`
	Revoke keysRevoke `cmd:"" help:"End a key for good."`
}

type keysCreate struct {
	User        string   `help:"The person for whom the key acts: handle, ref or id." xor:"who" required:"" placeholder:"PERSON"`
	Service     bool     `help:"Make a key for a machine, which has no level." xor:"who" required:""`
	Name        string   `help:"What the key is for; required with --service." placeholder:"NAME"`
	Scope       []string `help:"What the key opens: viewer, manager, integration, privacy_officer, admin, or area:verb." default:"manager" placeholder:"SCOPE"`
	Sensitivity string   `help:"Caps what is seen through the key: public, internal, confidential, restricted." placeholder:"WORD"`
	Expires     string   `help:"When the key ends: a time from now such as P90D, or a day such as 2027-03-31; empty = never." placeholder:"WHEN"`
}

// Run makes a key. The key goes to standard output alone, so that a script can
// take it; what is said about it goes to the log's side.
func (k *keysCreate) Run(c *config, o out) error {
	expires, err := parseExpiry(k.Expires, clock())
	if err != nil {
		return err
	}
	if k.Service && k.Name == "" {
		return &wrongSetting{"--name", "is required with --service: it is the only name that a machine has"}
	}
	return c.beside(func(ctx context.Context, l *ledger.Ledger) error {
		ctx = asRegister(ctx)
		fields := map[string]any{"name": k.Name, "scopes": k.Scope}
		if k.User != "" {
			u, err := findPerson(ctx, l, k.User)
			if err != nil {
				return err
			}
			fields["user_id"] = u.ID
			if k.Name == "" {
				fields["name"] = "Key of " + u.Name
			}
		}
		if k.Sensitivity != "" {
			fields["sensitivity"] = k.Sensitivity
		}
		if expires != "" {
			fields["expires_at"] = expires
		}
		body, err := bodyOf(fields)
		if err != nil {
			return err
		}
		a, token, err := l.IssueKey(ctx, body, ledger.Asked{})
		if err != nil {
			return err
		}
		fmt.Fprintf(c.stderr, "made %s; it is shown this once, only its hash is kept:\n", refOf(a))
		o.printf("%s", token)
		return nil
	})
}

// findPerson finds a person by handle, ref or id.
func findPerson(ctx context.Context, l *ledger.Ledger, name string) (*register.User, error) {
	rows, err := l.DB.Look().MatchColumn(ctx, register.Users, "handle", name)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		id, err := l.IDOf(ctx, register.Users, name)
		if err != nil && !errors.Is(err, store.ErrNone) && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if id != "" {
			rows, err = l.RowsOf(ctx, register.Users, []string{id})
		}
		if len(rows) == 0 {
			return nil, fmt.Errorf("there is no person with the handle, ref or id %q: rapport users list shows all", name)
		}
		if err != nil {
			return nil, err
		}
	}
	rec, err := register.Users.Load(rows[0])
	if err != nil {
		return nil, err
	}
	return rec.(*register.User), nil
}

type keysList struct{}

// Run lists the keys, without anything by which one could be used.
func (keysList) Run(c *config, o out) error {
	return c.beside(func(ctx context.Context, l *ledger.Ledger) error {
		people := map[string]string{}
		if err := each(ctx, l, register.Users, func(rec register.Record) { people[rec.Meta().ID] = rec.(*register.User).Handle }); err != nil {
			return err
		}
		table := tabwriter.NewWriter(o, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "REF\tBEGINS\tFOR\tNAME\tSCOPES\tEXPIRES\tLAST USED\tSTATE")
		err := each(ctx, l, register.APIKeys, func(rec register.Record) {
			k := rec.(*register.APIKey)
			whom := "a machine"
			if k.UserID != "" {
				whom = people[k.UserID]
			}
			fmt.Fprintf(table, "KEY-%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Num, k.Prefix, whom, k.Name, strings.Join(k.Scopes, ","),
				dash(string(k.ExpiresAt)), dash(string(k.LastUsedAt)), k.State)
		})
		return errors.Join(err, table.Flush())
	})
}

type keysRevoke struct {
	Key string `arg:"" help:"The key's ref or id, such as KEY-3."`
}

// Run ends a key.
func (k *keysRevoke) Run(c *config, o out) error {
	return c.beside(func(ctx context.Context, l *ledger.Ledger) error {
		a, err := l.Transition(asRegister(ctx), register.APIKeys, k.Key, ledger.Move{Name: "revoke"}, ledger.Asked{})
		if fault.Is(err, fault.NotFound) {
			return fmt.Errorf("there is no key %q: rapport keys list shows all", k.Key)
		}
		if err != nil {
			return err
		}
		o.printf("revoked %s; a running server refuses it within a second", refOf(a))
		return nil
	})
}

var durations = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$`)

// parseExpiry reads a span of days, weeks, months and years from now, or a day,
// at whose end the key ends.
func parseExpiry(s string, now time.Time) (string, error) {
	if s == "" {
		return "", nil
	}
	wrong := &wrongSetting{"--expires", fmt.Sprintf("must be a time from now such as P90D or P1Y, or a day such as 2027-03-31, not %q", s)}
	if m := durations.FindStringSubmatch(s); m != nil && s != "P" {
		n := make([]int, len(m))
		for i := 1; i < len(m); i++ {
			n[i], _ = strconv.Atoi(m[i]) // digits or nothing
		}
		return string(register.At(now.AddDate(n[1], n[2], 7*n[3]+n[4]))), nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", wrong
	}
	if day = day.AddDate(0, 0, 1); !day.After(now) {
		return "", &wrongSetting{"--expires", "must lie ahead"}
	}
	return string(register.At(day)), nil
}
