package register

import (
	"maps"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
)

// An AuthorityRule is the least level that an action takes. There is one for
// every action and for every circumstance that raises it.
type AuthorityRule struct {
	Head
	AuthorityRuleFields
	// Key names the action, and behind an @ the circumstance: complaint.approve@senior.
	Key string `json:"key" validate:"required" list:"filter,sort,title"`
	// DefaultLevel is the level without a setting; 0 = anybody.
	DefaultLevel int `json:"default_level"`
	// Why says when a raise applies; null for the action itself.
	Why string `json:"why"`
}

// AuthorityRuleFields are what is written of a rule.
type AuthorityRuleFields struct {
	// Level is the least level that was set, 4 to 7; 0 = anybody; null = the default.
	Level *int `json:"level" validate:"omitempty,oneof=0 4 5 6 7"`
	// Note says why the level was set.
	Note string `json:"note" validate:"max=1000"`
}

// AuthorityRules are the authority table.
var AuthorityRules = Define(Kind[AuthorityRule]{
	Name: "authority_rule", Plural: "authority_rules", Prefix: "AUT", Group: "Platform",
	Doc:      "The least level that each action takes, and what raises it; changed by level 7.",
	Platform: true, Reads: "all", Given: true, Key: "key", Sort: "key",
	Flow:   flow.Table[*AuthorityRule]{Start: "active", Ends: flow.From("active")},
	Open:   flow.From("active"),
	Unique: []string{"key"},
	May:    mayRule,
})

// mayRule keeps the authority table in the hands of level 7.
func mayRule(actor authority.Actor, before, _ *AuthorityRule) error {
	if actor.Type == authority.System {
		return nil
	}
	if before == nil {
		return fault.New(fault.ValidationFailed, "Rules come with the actions; change the level of one that is there.")
	}
	if actor.Level < authority.L7 {
		return fault.New(fault.InsufficientLevel, "The authority table is changed by level 7.").
			With("required_level", 7).With("your_level", actor.Level.Wire()).With("because", []string{"it decides who may do what"}).With("escalate_to", nil)
	}
	return nil
}

// DefaultRules are the rules that the nouns declare: key, level and why.
func DefaultRules() (rules []AuthorityRule) {
	add := func(key string, level authority.Level, why string) {
		rules = append(rules, AuthorityRule{Key: key, DefaultLevel: int(level), Why: why})
	}
	raises := func(key string, list []flow.Raise[Record]) {
		for _, r := range list {
			add(key+"@"+r.Name, r.Level, r.Why)
		}
	}
	for _, n := range All() {
		if n.Platform {
			continue
		}
		add(n.Name+".create", n.Levels.Create, "")
		raises(n.Name+".create", n.Raise)
		add(n.Name+".update", n.Levels.Update, "")
		for _, name := range slices.Sorted(maps.Keys(n.Alters)) {
			raises(n.Name+".update", n.Alters[name])
		}
		add(n.Name+".remove", n.Levels.Remove, "")
		add(n.Name+".restore", n.Levels.Restore, "")
		done := map[string]bool{}
		for _, row := range n.Flow.Rows {
			if key := n.Name + "." + row.Name; !done[key] {
				done[key] = true
				add(key, row.Level, "")
				raises(key, row.Raise)
			}
		}
	}
	return rules
}
