package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/ledger"
	"rapport/internal/register"
)

type users struct {
	Add  usersAdd  `cmd:"" help:"Add a person."`
	List usersList `cmd:"" help:"List the people."`
}

type usersAdd struct {
	Name   string   `help:"What the person is called." required:"" placeholder:"NAME"`
	Handle string   `help:"The short name that mentions use." required:"" placeholder:"HANDLE"`
	Email  string   `help:"The person's address at work." placeholder:"ADDRESS"`
	Level  int      `help:"7 makes the first person of level 7; all other levels are recorded by such a person over the API." placeholder:"LEVEL"`
	Role   []string `help:"A role beside the level: admin, data_protection." placeholder:"ROLE"`
}

// Run adds a person, as an entry like any other.
func (u *usersAdd) Run(c *config, o out) error {
	return c.beside(func(ctx context.Context, l *ledger.Ledger) error {
		ctx = asRegister(ctx)
		wrong, err := u.wrongLevel(ctx, l)
		if err != nil {
			return err
		}
		fields := map[string]any{"name": u.Name, "handle": u.Handle}
		if u.Email != "" {
			fields["email"] = u.Email
		}
		if len(u.Role) > 0 {
			fields["roles"] = u.Role
		}
		if u.Level != 0 && len(wrong) == 0 {
			fields["rlmt_level"], fields["rlmt_evidence"] = u.Level, "Recorded on the machine as the first person of level 7."
		}
		body, err := bodyOf(fields)
		if err != nil {
			return err
		}
		if wrong, err = u.alsoWrong(ctx, l, wrong, body); err != nil {
			return err
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		a, err := l.Create(ctx, register.Users, body, ledger.Asked{})
		if err != nil {
			return err
		}
		o.printf("added %s, %s; a key for them: rapport keys create --user %s%s", refOf(a), u.Name, u.Handle, u.scopes())
		return nil
	})
}

// scopes are those that somebody's first key needs: what opens the register, and for
// those who govern the platform too.
func (u *usersAdd) scopes() string {
	if u.Level == int(authority.L7) || slices.Contains(u.Role, authority.Admin) {
		return " " + firstScopes
	}
	return " --scope manager"
}

// firstScopes are the scopes of the first key.
const firstScopes = "--scope manager --scope admin"

// wrongLevel keeps the machine's door to levels as narrow as it can be: it opens
// for the first person of level 7 and closes behind them.
func (u *usersAdd) wrongLevel(ctx context.Context, l *ledger.Ledger) (faults fault.Fields, err error) {
	if u.Level == 0 {
		return nil, nil
	}
	n, err := l.DB.Look().Count(ctx, register.Users, flow.Where{"state": "active", "rlmt_level": int(authority.L7)})
	switch {
	case err != nil:
	case n > 0:
		faults.At("#/level", "not_allowed", "there is a person of level 7 already, who records levels: add the person without --level, and PATCH /users/{id} as level 7.")
	case u.Level != int(authority.L7):
		faults.At("#/level", "out_of_range", "--level must be 7: it makes the first person of level 7, who records all other levels over the API.")
	}
	return faults, err
}

// alsoWrong adds what else is wrong with the person, so that all is told at once.
func (u *usersAdd) alsoWrong(ctx context.Context, l *ledger.Ledger, faults fault.Fields, body register.Body) (fault.Fields, error) {
	same, err := l.DB.Look().Count(ctx, register.Users, flow.Where{"handle": u.Handle})
	if err != nil {
		return nil, err
	}
	if same > 0 {
		faults.At("#/handle", "duplicate", "there is somebody with this handle already.")
	}
	_, err = l.Create(ctx, register.Users, body, ledger.Asked{ValidateOnly: true})
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code == fault.ValidationFailed:
		return append(faults, refusal.Fields...), nil
	case fault.Is(err, fault.Duplicate) && len(faults) > 0:
		return faults, nil
	}
	return faults, err
}

type usersList struct{}

// Run lists the people.
func (usersList) Run(c *config, o out) error {
	return c.beside(func(ctx context.Context, l *ledger.Ledger) error {
		table := tabwriter.NewWriter(o, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "REF\tHANDLE\tNAME\tLEVEL\tROLES\tSTATE")
		err := each(ctx, l, register.Users, func(rec register.Record) {
			u := rec.(*register.User)
			level := "-"
			if u.RlmtLevel != nil {
				level = fmt.Sprint(*u.RlmtLevel)
			}
			fmt.Fprintf(table, "USR-%d\t%s\t%s\t%s\t%s\t%s\n", u.Num, u.Handle, u.Name, level, dash(strings.Join(u.Roles, ",")), u.State)
		})
		return errors.Join(err, table.Flush())
	})
}

// asRegister acts as the register itself: who may run commands on the machine is
// for the machine to say.
func asRegister(ctx context.Context) context.Context {
	return authority.With(ctx, authority.Register())
}

// bodyOf writes fields as a body that a request might have sent, so that every
// rule of the noun holds here too.
func bodyOf(fields map[string]any) (register.Body, error) {
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	return register.ParseBody(raw)
}

// refOf is the ref of the record answered with.
func refOf(a ledger.Answer) string {
	var shown struct {
		Ref string `json:"ref"`
	}
	_ = json.Unmarshal(a.Body, &shown) // our own JSON
	return shown.Ref
}

// mostListed bounds a list on a terminal.
const mostListed = 10_000

func each(ctx context.Context, l *ledger.Ledger, n *register.Noun, visit func(register.Record)) error {
	rows, err := l.DB.Look().Match(ctx, n, nil, mostListed)
	if err != nil {
		return err
	}
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return err
		}
		visit(rec)
	}
	return nil
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
