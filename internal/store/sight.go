package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/register"
)

// Sight is how far a caller sees: up to a sensitivity, and further where named.
// A nil Sight sees everything; only the register itself has it.
type Sight struct {
	Clearance authority.Sensitivity
	Cap       authority.Sensitivity // the key's own, which being named does not lift
	Person    string                // "" for who cannot be named
}

// SightOf is the sight of an actor.
func SightOf(a authority.Actor) *Sight {
	if a.Type == authority.System {
		return nil
	}
	return &Sight{Clearance: a.Clearance(), Cap: a.Cap, Person: a.Person()}
}

// reach is how far being named lifts the sight, as the table of guarded records ranks it.
func (s *Sight) reach() authority.Sensitivity {
	if s.Cap >= authority.Restricted {
		return private
	}
	return s.Cap
}

// owned is the condition under which who is cleared for everything sees the records
// of n, as alias: those that are private to others are not for them either.
func (s *Sight) owned(n *register.Noun, alias string) (cond string, args []any) {
	if n.Private == nil {
		return "", nil
	}
	cond = "(NOT EXISTS (SELECT 1 FROM guarded WHERE guarded.kind = ? AND guarded.record_id = " + alias + ".id AND guarded.sensitivity > ?)" +
		" OR EXISTS (SELECT 1 FROM named WHERE named.kind = ? AND named.record_id = " + alias + ".id AND named.user_id = ?))"
	return cond, []any{n.Name, int(authority.Restricted), n.Name, s.Person}
}

// ownedEntries is owned for the entries of a table.
func (s *Sight) ownedEntries(table string) (cond string, args []any) {
	for _, n := range register.All() {
		if n.Private != nil {
			args = append(args, n.Name)
		}
	}
	if len(args) == 0 {
		return "", nil
	}
	cond = "(" + table + ".kind NOT IN (" + marks(len(args)) + ") OR NOT EXISTS (SELECT 1 FROM guarded WHERE guarded.kind = " + table + ".kind AND guarded.record_id = " + table + ".record_id AND guarded.sensitivity > ?)" +
		" OR EXISTS (SELECT 1 FROM named WHERE named.kind = " + table + ".kind AND named.record_id = " + table + ".record_id AND named.user_id = ?))"
	return cond, append(args, int(authority.Restricted), s.Person)
}

// records is the condition under which the rows of n, as alias, are seen; "" for
// all of them.
func (s *Sight) records(n *register.Noun, alias string) (cond string, args []any) {
	if s == nil || !n.Guarded() {
		return "", nil
	}
	if s.Clearance >= authority.Restricted {
		return s.owned(n, alias)
	}
	cond, args = alias+".sensitivity <= ?", []any{int(s.Clearance)}
	if s.Person == "" || s.Cap <= s.Clearance {
		return cond, args
	}
	cond = "(" + cond + " OR (" + alias + ".sensitivity <= ? AND EXISTS (SELECT 1 FROM named WHERE named.kind = ? AND named.record_id = " + alias + ".id AND named.user_id = ?)))"
	return cond, append(args, int(s.Cap), n.Name, s.Person)
}

// entries is the condition under which entries of a table are seen.
func (s *Sight) entries(table string) (cond string, args []any) {
	if s == nil {
		return "", nil
	}
	if s.Clearance >= authority.Restricted {
		return s.ownedEntries(table)
	}
	if s.Clearance < authority.Internal {
		return publicEntries(table), nil
	}
	guarded := "SELECT 1 FROM guarded WHERE guarded.kind = " + table + ".kind AND guarded.record_id = " + table + ".record_id"
	hidden := guarded + " AND guarded.sensitivity > ?"
	cond, args = "NOT EXISTS ("+hidden+")", []any{int(s.Clearance)}
	if s.Person == "" || s.Cap <= s.Clearance {
		return cond, args
	}
	named := "EXISTS (SELECT 1 FROM named WHERE named.kind = " + table + ".kind AND named.record_id = " + table + ".record_id AND named.user_id = ?)"
	return "(" + cond + " OR (" + named + " AND NOT EXISTS (" + hidden + ")))", append(args, s.Person, int(s.reach()))
}

// publicEntries is the condition of entries for who sees public records alone: the
// table of guarded records does not tell internal ones from those.
func publicEntries(table string) string {
	platform, conds := []string{}, []string{}
	for _, n := range register.All() {
		if !n.Guarded() {
			platform = append(platform, "'"+n.Name+"'")
			continue
		}
		conds = append(conds, "("+table+".kind = '"+n.Name+"' AND EXISTS (SELECT 1 FROM "+n.Table+" p WHERE p.id = "+table+".record_id AND p.sensitivity = 0))")
	}
	return "(" + table + ".kind IN (" + strings.Join(platform, ", ") + ") OR " + strings.Join(conds, " OR ") + ")"
}

// EachGuarded visits the guarded records about a stakeholder: itself, and those
// that refer to it.
func (tx *Tx) EachGuarded(ctx context.Context, stakeholderID string, visit func(n *register.Noun, row register.Row) error) error {
	refs := register.ReferencesTo("stakeholder")
	queries := map[*register.Noun][]string{register.ByName("stakeholder"): {"t.id = ?"}}
	for _, r := range refs {
		cond := "t." + r.Field.Name + " = ?"
		if r.Field.Many {
			cond = linkCond(r.Noun, "t", Cond{Field: r.Field, Op: "any", Values: make([]any, 1)})
		}
		queries[r.Noun] = append(queries[r.Noun], cond)
	}
	for n, conds := range queries {
		if !n.Guarded() {
			continue
		}
		args := make([]any, 0, len(conds)+1)
		args = append(args, n.Name)
		for range conds {
			args = append(args, stakeholderID)
		}
		var rows []register.Row
		err := tx.each(ctx, n.Width(), func(r register.Row) error {
			rows = append(rows, r)
			return nil
		}, "SELECT "+sqlOf(n).columns+" FROM guarded g JOIN "+n.Table+" t ON t.id = g.record_id WHERE g.kind = ? AND ("+strings.Join(conds, " OR ")+")", args...)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := visit(n, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// Guard is what keeps an entry's record from some: its sensitivity, and who is
// named on it.
type Guard struct {
	Sensitivity authority.Sensitivity
	Named       map[string]bool
}

// Shows is what entries says in SQL, for one record whose guard is known; nil is
// a record that everybody sees.
func (s *Sight) Shows(g *Guard) bool {
	if s == nil || g != nil && g.Sensitivity <= s.Clearance {
		return true
	}
	if g == nil {
		return s.Clearance >= authority.Internal
	}
	return s.Person != "" && g.Named[s.Person] && g.Sensitivity <= s.reach()
}

// Guards reads the guards of the entries' records, by their ids.
func (tx *Tx) Guards(ctx context.Context, entries []Entry) (map[string]*Guard, error) {
	seen, ids := map[string]bool{}, []any{}
	for i := range entries {
		if id := entries[i].RecordID; !seen[id] {
			seen[id], ids = true, append(ids, id)
		}
	}
	guards := map[string]*Guard{}
	for some := range slices.Chunk(ids, chunk) {
		kinds := anys(guardedKinds())
		err := tx.each(ctx, 3, func(r register.Row) error {
			g := guards[string(r[0])]
			if g == nil {
				level, err := strconv.Atoi(string(r[1]))
				if err != nil {
					return err
				}
				g = &Guard{Sensitivity: authority.Sensitivity(level), Named: map[string]bool{}}
				guards[string(r[0])] = g
			}
			g.Named[string(r[2])] = true
			return nil
		}, "SELECT g.record_id, g.sensitivity, n.user_id FROM guarded g LEFT JOIN named n ON n.kind = g.kind AND n.record_id = g.record_id WHERE g.kind IN ("+marks(len(kinds))+") AND g.record_id IN ("+marks(len(some))+")", append(kinds, some...)...)
		if err != nil {
			return nil, err
		}
	}
	return guards, nil
}

// guardedKinds are the nouns whose records can be confidential.
func guardedKinds() (kinds []string) {
	for _, n := range register.All() {
		if n.Guarded() {
			kinds = append(kinds, n.Name)
		}
	}
	return kinds
}

// hidden is the condition under which a row t of n, joined with its line g in the
// table of guarded records, is hidden; "" where nothing is, or where more is
// hidden than stands in that table.
func (s *Sight) hidden(n *register.Noun) (cond string, args []any) {
	if seen, _ := s.records(n, "t"); seen == "" || s.Clearance < authority.Internal {
		return "", nil
	}
	cond, args = "g.kind = ? AND t.id = g.record_id AND g.sensitivity > ?", []any{n.Name, int(s.Clearance)}
	if s.Person == "" || s.reach() <= s.Clearance {
		return cond, args
	}
	cond += " AND NOT (g.sensitivity <= ? AND EXISTS (SELECT 1 FROM named WHERE named.kind = g.kind AND named.record_id = g.record_id AND named.user_id = ?))"
	return cond, append(args, int(s.reach()), s.Person)
}
