package ledger

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"rapport/internal/authority"
	"rapport/internal/fold"
	"rapport/internal/measure"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Bounds of likenesses of names: one below nearName is none, that of equal names is
// worth sameName, and beyondNames is more than a name and what adds to it can bring.
// mostSearched is how many records are looked at that share a value or a key.
const (
	nearName     = 0.8
	sameName     = 0.9
	beyondNames  = 0.95
	mostSearched = 60
)

// traits are what of a record is held against another.
type traits struct {
	values map[value]register.Likeness
	words  []string // of the name, those that tell
}

// value is what two records may share, as it is compared.
type value struct{ on, term string }

func traitsOf(n *register.Noun, rec register.Record) traits {
	t := traits{values: map[value]register.Likeness{}, words: telling(n, rec)}
	for _, l := range n.Alike(rec) {
		term := fold.Fold(l.Value)
		if l.Field != "" {
			term = n.Field(l.Field).Term(l.Value)
		}
		t.values[value{l.On, term}] = l
	}
	return t
}

// telling are the words of a record's name that tell whose it is.
func telling(n *register.Noun, rec register.Record) []string {
	if n.TitleField == nil {
		return nil
	}
	return measure.NameWords(fold.Words(n.Text(rec, n.TitleField.Name)))
}

// with holds two records against each other: how surely they are one, from 0 to 1 in
// hundredths, and for which reasons, the weightiest first.
func (t traits) with(other traits) (score float64, on []string) {
	weights := map[string]float64{}
	for v, l := range t.values {
		if _, both := other.values[v]; both && l.Field != "" {
			weights[v.on] = max(weights[v.on], l.Weight)
		}
	}
	named := weights["name"] > 0
	if like := measure.Names(t.words, other.words); !named && like >= nearName {
		named, weights["similar_name"] = true, like*sameName
	}
	for v, l := range t.values {
		if _, both := other.values[v]; both && l.Field == "" && named {
			weights[v.on] = l.Weight
		}
	}
	on = slices.SortedFunc(maps.Keys(weights), func(a, b string) int { return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b)) })
	reasons := make([]float64, len(on))
	for i, reason := range on {
		reasons[i] = weights[reason]
	}
	return math.Round(measure.Together(reasons...)*100) / 100, on
}

// weighed are the records with these ids that sight shows, as candidates for being
// one with rec, the surest first.
func (l *Ledger) weighed(ctx context.Context, tx *store.Tx, n *register.Noun, rec register.Record, ids []string, sight *store.Sight) ([]Candidate, error) {
	rows, err := tx.Rows(ctx, n, ids, sight)
	if err != nil {
		return nil, err
	}
	own, out := traitsOf(n, rec), []Candidate{}
	for _, row := range rows {
		other, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		found := l.candidate(n, row)
		if found.Score, found.MatchedOn = own.with(traitsOf(n, other)); found.Score > 0 && found.ID != rec.Meta().ID {
			out = append(out, found)
		}
	}
	slices.SortFunc(out, func(a, b Candidate) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// likely are the records that may be the same as rec with at least a score, the
// surest first, no more than an answer names. Those found are they that share a value,
// and they whose name is near, unless the score is beyond what a name can bring.
func (l *Ledger) likely(ctx context.Context, tx *store.Tx, k store.Kin, rec register.Record, least float64) ([]Candidate, error) {
	values := slices.DeleteFunc(k.Noun.Alike(rec), func(l register.Likeness) bool { return l.Field == "" })
	k.Limit = mostSearched
	_, ids, err := tx.Claimed(ctx, k, store.Claims{Values: values})
	if err != nil {
		return nil, err
	}
	if least < beyondNames {
		near, err := l.near(ctx, tx, k, rec)
		if err != nil {
			return nil, err
		}
		ids = append(ids, near...)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	found, err := l.weighed(ctx, tx, k.Noun, rec, slices.Compact(ids), k.Sight)
	found = slices.DeleteFunc(found, func(c Candidate) bool { return c.Score < least })
	return found[:min(len(found), mostCandidates)], err
}

// tellFrom is from which score on those like a record to be entered are told.
const tellFrom = 0.7

// likelyNew are the records that may be the same as one that is not entered yet. It
// is asked outside of the change, which would keep others from writing meanwhile.
func (l *Ledger) likelyNew(ctx context.Context, n *register.Noun, rec register.Record) ([]Candidate, error) {
	actor := authority.From(ctx)
	if !may(actor, n, authority.Read) {
		return []Candidate{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	found, err := l.likely(ctx, l.DB.Look(), store.Kin{Noun: n, Sight: store.SightOf(actor)}, rec, tellFrom)
	return append([]Candidate{}, found...), tooBroad(n, err)
}

// near finds records whose names are like rec's.
func (l *Ledger) near(ctx context.Context, tx *store.Tx, k store.Kin, rec register.Record) (ids []string, err error) {
	if k.Noun.TitleField == nil {
		return nil, nil
	}
	own := telling(k.Noun, rec)
	namesakes, err := tx.Namesakes(ctx, k, k.Noun.Text(rec, k.Noun.TitleField.Name))
	for _, other := range namesakes {
		if measure.Names(own, measure.NameWords(fold.Words(other.Name))) >= nearName {
			ids = append(ids, other.ID)
		}
	}
	return ids, err
}
