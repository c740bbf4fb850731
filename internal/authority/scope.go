package authority

import (
	"fmt"
	"slices"
	"strings"
)

// Verb is what a scope lets a key do in an area.
type Verb string

// The verbs of scopes.
const (
	Read   Verb = "read"
	Write  Verb = "write"
	Act    Verb = "act"
	Delete Verb = "delete"
)

var verbs = []Verb{Read, Write, Act, Delete}

// Scopes are what a key allows, each "<area>:<verb>", the name of a bundle, or
// "*" for one of the two parts. A scope narrows a person's level and never adds
// to it.
type Scopes []string

// Everything allows all areas and verbs.
func Everything() Scopes { return Scopes{"*:*"} }

// bundles are named sets of scopes, as an administrator hands them out.
var bundles = map[string]Scopes{
	"viewer":          {"*:read"},
	"manager":         {"*:read", "*:write", "*:act", "*:delete"},
	"integration":     {"*:read", "*:write", "events:read", "imports:write"},
	"privacy_officer": {"*:read", "privacy:write", "privacy:act"},
	"admin":           {"*:*", "admin:*"},
}

// guardedAreas are not opened by "*": they take their own name.
var guardedAreas = []string{"admin", "privacy"}

// Bundles lists the names of the bundles.
func Bundles() []string {
	names := make([]string, 0, len(bundles))
	for n := range bundles {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Allow reports whether the scopes open area for verb.
func (s Scopes) Allow(area string, verb Verb) bool {
	for _, scope := range s {
		if inner, bundle := bundles[scope]; bundle {
			if inner.Allow(area, verb) {
				return true
			}
			continue
		}
		a, v, _ := strings.Cut(scope, ":")
		wide := a == "*" && (v == "*" || !slices.Contains(guardedAreas, area))
		if (a == area || wide) && (v == "*" || Verb(v) == verb) {
			return true
		}
	}
	return false
}

// Within reports whether every scope of s is covered by those of outer, so that
// nobody hands out more than they hold.
func (s Scopes) Within(outer Scopes) bool {
	for _, scope := range s {
		for _, plain := range expand(scope) {
			a, v, _ := strings.Cut(plain, ":")
			if !slices.Contains(flat(outer), plain) && !outer.coversAll(a, v) {
				return false
			}
		}
	}
	return true
}

func (s Scopes) coversAll(area, verb string) bool {
	for _, v := range verbs {
		if verb != "*" && string(v) != verb {
			continue
		}
		if area == "*" && !slices.Contains(flat(s), "*:"+string(v)) && !slices.Contains(flat(s), "*:*") {
			return false
		}
		if area != "*" && !s.Allow(area, v) {
			return false
		}
	}
	return true
}

func expand(scope string) Scopes {
	if inner, bundle := bundles[scope]; bundle {
		return inner
	}
	return Scopes{scope}
}

func flat(s Scopes) (out Scopes) {
	for _, scope := range s {
		out = append(out, expand(scope)...)
	}
	return out
}

// CheckScope refuses what is neither a bundle nor "<area>:<verb>" of the areas.
func CheckScope(scope string, areas []string) error {
	if _, bundle := bundles[scope]; bundle {
		return nil
	}
	a, v, found := strings.Cut(scope, ":")
	switch {
	case !found:
		return fmt.Errorf("%q is no bundle (%s) and no area:verb", scope, strings.Join(Bundles(), ", "))
	case a != "*" && !slices.Contains(areas, a):
		return fmt.Errorf("there is no area %q", a)
	case v != "*" && !slices.Contains(verbs, Verb(v)):
		return fmt.Errorf("there is no verb %q; there are read, write, act and delete", v)
	}
	return nil
}
