package ledger

import (
	"context"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Rules are the levels that the organisation has set in place of the defaults.
func (l *Ledger) Rules(ctx context.Context) authority.Rules {
	rules, err := l.rules.get(ctx, func(ctx context.Context) (authority.Rules, error) {
		rules := authority.Rules{}
		return rules, l.all(ctx, register.AuthorityRules, func(rec register.Record) {
			if r := rec.(*register.AuthorityRule); r.Level != nil {
				rules[r.Key] = authority.Level(*r.Level)
			}
		})
	})
	if err != nil {
		l.Log.Error("the authority table could not be read; the last one known holds", "err", err)
	}
	return rules
}

// Setting is the value of a setting: what was chosen, else its default.
func (l *Ledger) Setting(ctx context.Context, key string) string {
	settings, err := l.settings.get(ctx, func(ctx context.Context) (map[string]string, error) {
		settings := map[string]string{}
		for _, s := range register.DefaultSettings() {
			settings[s.Key] = s.DefaultValue
		}
		return settings, l.all(ctx, register.Settings, func(rec register.Record) {
			if s := rec.(*register.Setting); s.Value != "" {
				settings[s.Key] = s.Value
			}
		})
	})
	if err != nil {
		l.Log.Error("the settings could not be read; the last ones known hold", "err", err)
	}
	return settings[key]
}

// all reads every standing record of a small noun of the platform.
func (l *Ledger) all(ctx context.Context, n *register.Noun, visit func(register.Record)) error {
	rows, err := l.DB.Look().Match(ctx, n, nil, 10_000)
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

// forget drops what is held in memory of a noun that changed.
func (l *Ledger) forget(noun string) {
	switch noun {
	case "user", "api_key", "identity":
		l.keys.drop()
		l.names.drop()
	case "authority_rule":
		l.rules.drop()
	case "setting":
		l.settings.drop()
		l.calendars.drop() // some run in the organisation's zone
	case "calendar":
		l.calendars.drop()
	case "custom_field":
		l.customs.drop()
	}
}

// Start enters what the program brings along and the database lacks: the rows of
// the authority table, the settings, the default calendar and the default ladder.
func (l *Ledger) Start(ctx context.Context) error {
	have := map[string]bool{}
	note := func(rec register.Record) {
		switch r := rec.(type) {
		case *register.AuthorityRule:
			have["rule "+r.Key] = true
		case *register.Setting:
			have["setting "+r.Key] = true
		case *register.EscalationLadder:
			have["ladder "+r.Key] = true
		case *register.Calendar:
			have["calendar "+r.Key] = true
		}
	}
	for _, n := range []*register.Noun{register.AuthorityRules, register.Calendars, register.Settings, register.EscalationLadders} {
		if err := l.all(ctx, n, note); err != nil {
			return err
		}
	}
	var lacking []register.Record
	for _, r := range register.DefaultRules() {
		if !have["rule "+r.Key] {
			lacking = append(lacking, &r)
		}
	}
	for _, s := range register.DefaultSettings() {
		if !have["setting "+s.Key] {
			lacking = append(lacking, &s)
		}
	}
	for _, c := range register.DefaultCalendars() {
		if !have["calendar "+c.Key] {
			lacking = append(lacking, &c)
		}
	}
	for _, e := range register.DefaultLadders() {
		if !have["ladder "+e.Key] {
			lacking = append(lacking, &e)
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return l.enterAll(ctx, lacking)
}

// enterAll enters records as the register itself, in one transaction.
func (l *Ledger) enterAll(ctx context.Context, recs []register.Record) error {
	return l.DB.WriteAlone(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, rec := range recs {
			c := &change{Ledger: l, tx: tx, noun: register.Of(rec), actor: authority.Register(), at: l.at()}
			c.rec = rec
			m := rec.Meta()
			m.ID, m.State, m.CreatedAt, m.Version, m.Num = register.NewID(c.at.Time()), c.noun.Flow.Start, c.at, 0, 0
			m.CreatedBy = register.By{Type: authority.System}
			if err := c.enter(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}
