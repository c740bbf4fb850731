package ledger

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// EventType is one type of events.
type EventType struct {
	Type string // complaint.created
	Noun *register.Noun
	What string // what happened, in a sentence
}

// actionWords are what happens to records of every noun: the actions of entries,
// the words of events, and what they say.
var actionWords = []struct{ action, word, what string }{
	{"created", "created", "Somebody entered %s."},
	{"updated", "updated", "Fields of %s changed."},
	{"transition", "state_changed", "Somebody took %s along its workflow; data.transition names the step."},
	{"removed", "deleted", "Somebody set %s aside."},
	{"restored", "restored", "A removed record came back: %s."},
	{"adopted", "adopted", "An import took over %s as it stood elsewhere."},
	{"attachment_added", "attachment_added", "Somebody put a file beside %s; attachment_id leads to it."},
	{"attachment_removed", "attachment_removed", "Somebody removed a file from beside %s."},
	{"commented", "commented", "Somebody commented on %s; comment_id leads to it, mention_ids names whom it mentions."},
	{"comment_edited", "comment_edited", "Somebody changed what they had said about %s."},
	{"comment_deleted", "comment_deleted", "Somebody took back what they had said about %s."},
}

// furtherActions are those of single nouns.
var furtherActions = map[string]map[string]string{
	"api_key": {
		"rotated":  "Somebody gave a key a new secret.",
		"exported": "A system took personal data away in a file.",
	},
	"complaint": {
		"tracking_issued": "Somebody gave a complainant a fresh token to follow a complaint by.",
	},
	"user": {
		"handover_asked": "Somebody asked to hand over what a person answers for.",
		"handed_over":    "What a person answered for was handed over.",
		"exported":       "A person took personal data away in a file.",
	},
}

func eventType(e *store.Entry) string {
	if e.Action == "gap_opened" || e.Action == "gap_closed" {
		return "engagement." + e.Action
	}
	for _, a := range actionWords {
		if a.action == e.Action {
			return e.Kind + "." + a.word
		}
	}
	return e.Kind + "." + e.Action
}

// EventTypes are the types of all events that there can be, in the order of their
// names.
var EventTypes = sync.OnceValue(func() (all []EventType) {
	for _, n := range register.All() {
		all = append(all, typesOf(n)...)
	}
	slices.SortFunc(all, func(a, b EventType) int { return strings.Compare(a.Type, b.Type) })
	return all
})

// typesOf are the types of the events of one noun.
func typesOf(n *register.Noun) (types []EventType) {
	add := func(action, what string) {
		types = append(types, EventType{eventType(&store.Entry{Kind: n.Name, Action: action}), n, what})
	}
	for _, a := range actionWords {
		if a.action != "transition" || len(n.Flow.Rows) > 0 {
			add(a.action, strings.Replace(a.what, "%s", register.Article(n.Name), 1))
		}
	}
	plain := false
	for _, f := range n.Fields {
		opened, closed, both := strings.Cut(f.Class, ",")
		if plain = plain || f.Class != "" && !both; !both {
			continue
		}
		add(opened, "The derived truth "+f.Name+" of "+register.Article(n.Name)+" became true.")
		add(closed, "The derived truth "+f.Name+" of "+register.Article(n.Name)+" became false.")
	}
	if plain {
		add("class_changed", "A class reckoned from other records changed for "+register.Article(n.Name)+".")
	}
	if n.Escalates != nil {
		add("escalated", "The matter of "+register.Article(n.Name)+" went to a higher level.")
	}
	if len(n.Clocks) > 0 {
		add("due_soon", "A time limit of "+register.Article(n.Name)+" ends soon; clock names it.")
		add("overdue", "A time limit of "+register.Article(n.Name)+" was missed; clock names it.")
	}
	if n.Reminds() {
		add("reminded", "The day came on which "+register.Article(n.Name)+" is to be looked at again; clock says why.")
	}
	for action, what := range furtherActions[n.Name] {
		add(action, what)
	}
	return types
}

// Among reports whether one of the patterns matches the type; none match all.
func (t EventType) Among(patterns []string) bool {
	return len(patterns) == 0 || anyMatch(patterns, t.Type)
}

// TypeOf is the type of an entry's event.
func TypeOf(e *store.Entry) string { return eventType(e) }

// promised are words of events that may come with nouns' further parts: who waits
// for them already is not refused.
var promised = []string{"merged", "erased", "escalated", "due_soon", "overdue"}

func promisedTypes() []string {
	names := []string{"engagement.gap_opened", "engagement.gap_closed", "job.finished", "webhook_endpoint.disabled", "ping"}
	for _, n := range register.All() {
		for _, word := range promised {
			names = append(names, n.Name+"."+word)
		}
	}
	return names
}

// typePattern is what a pattern of types may look like.
var typePattern = regexp.MustCompile(`^[a-z_*]+(\.[a-z_*]+)?$`)

// CheckTypes refuses a pattern that no type of events matches: a slip must not
// make somebody wait for what never comes.
func CheckTypes(patterns []string) error {
	f := fault.New(fault.InvalidParameter, "types takes types of events, with * as a wildcard; /event-types lists them.")
	names := promisedTypes()
	for _, t := range EventTypes() {
		names = append(names, t.Type)
	}
	for _, p := range patterns {
		switch {
		case len(p) > 100 || !typePattern.MatchString(p):
			f.Fields = append(f.Fields, fault.Field{Parameter: "types", Code: "invalid_format", Detail: "A type is a noun and what happened, such as complaint.created or complaint.*."})
		case !slices.ContainsFunc(names, func(n string) bool { return anyMatch([]string{p}, n) }):
			f.Fields = append(f.Fields, fault.Field{Parameter: "types", Code: "not_in_enum", Detail: "No event has the type " + p + ".", Suggestion: fault.Nearest(p, names)})
		}
	}
	if len(patterns) > 200 {
		f.Fields = []fault.Field{{Parameter: "types", Code: "too_many_items", Detail: "types takes at most 200 types."}}
	}
	if len(f.Fields) == 0 {
		return nil
	}
	return f
}

func anyMatch(patterns []string, typ string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, typ); err == nil && ok {
			return true
		}
	}
	return false
}
