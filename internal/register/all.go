package register

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// defined collects the nouns as Define completes them. Nothing may ask for all
// of them before the program's variables are initialised.
var defined []*Noun

// All is every noun, sorted by name. The first call holds them against each
// other and panics on a flaw.
func All() []*Noun { return assembled().list }

// ByName is the noun called name, nil if there is none.
func ByName(name string) *Noun { return assembled().byName[name] }

// ByPath is the noun whose collection is called path, nil if there is none.
func ByPath(path string) *Noun { return assembled().byPath[path] }

// ByPrefix is the noun whose refs begin with prefix, nil if there is none.
func ByPrefix(prefix string) *Noun { return assembled().byPrefix[prefix] }

// Reference is a field of some noun that names records of another.
type Reference struct {
	Noun  *Noun
	Field *Field
}

// ReferencesTo lists every field through which records of target are named.
func ReferencesTo(target string) []Reference { return assembled().references[target] }

type assembly struct {
	list                     []*Noun
	byName, byPath, byPrefix map[string]*Noun
	references               map[string][]Reference
}

var assembled = sync.OnceValue(func() assembly {
	a := assembly{list: slices.Clone(defined), byName: map[string]*Noun{}, byPath: map[string]*Noun{}, byPrefix: map[string]*Noun{}, references: map[string][]Reference{}}
	slices.SortFunc(a.list, func(x, y *Noun) int { return strings.Compare(x.Name, y.Name) })
	for _, n := range a.list {
		if other := a.byPrefix[n.Prefix]; other != nil || n.Prefix == "" {
			panic(fmt.Sprintf("register: %s has no prefix of its own: %q", n.Name, n.Prefix))
		}
		a.byName[n.Name], a.byPath[n.Path], a.byPrefix[n.Prefix] = n, n, n
	}
	for _, n := range a.list {
		for _, f := range n.Fields {
			if f.Target != "" && a.byName[f.Target] == nil {
				panic(fmt.Sprintf("register: %s.%s refers to %q, which is no noun", n.Name, f.Name, f.Target))
			}
			if f.Target != "" {
				a.references[f.Target] = append(a.references[f.Target], Reference{n, f})
			}
			if f.Holds != "" {
				a.references[f.Holds] = append(a.references[f.Holds], Reference{n, f})
			}
		}
	}
	return a
})
