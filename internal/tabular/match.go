package tabular

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xrash/smetrics"
)

// Target is something that a column can be mapped to.
type Target struct {
	Name     string
	Label    string
	Synonyms []string
}

// Match says which target a column seems to be meant for. Target is empty when
// there is none.
type Match struct {
	Header     string  `json:"header"`
	Target     string  `json:"target"`
	Confidence float64 `json:"confidence"`
}

// How sure a match is, by what it rests on.
const (
	byName    = 1.0
	byFold    = 0.98
	byLabel   = 0.95
	bySynonym = 0.9
	// Likeness is worth at most this, and below the threshold nothing: there, an
	// account number is like an account name.
	byLikeness = 0.85
	likeEnough = 0.95
	likeLength = 4 // shorter words are like each other by accident
)

// Guess maps columns to targets: by exact name, by label, by synonym, then by
// likeness. It returns one Match for each header, in their order; each target
// is given once, to the header that fits it best.
func Guess(headers []string, targets []Target) []Match {
	matches := make([]Match, len(headers))
	for i, header := range headers {
		matches[i].Header = header
	}
	taken := make([]bool, len(targets))
	for _, c := range candidates(headers, targets) {
		if taken[c.target] || matches[c.header].Target != "" {
			continue
		}
		taken[c.target] = true
		matches[c.header].Target, matches[c.header].Confidence = targets[c.target].Name, c.confidence
	}
	return matches
}

// candidate is a pair that might match.
type candidate struct {
	header, target int
	confidence     float64
}

// candidates are all pairs that might match, the surest first.
func candidates(headers []string, targets []Target) []candidate {
	words := make([]vocabulary, len(targets))
	for i, t := range targets {
		words[i] = vocabularyOf(t)
	}
	var all []candidate
	for h, header := range headers {
		if header == ErrorColumn {
			continue
		}
		ways := folds(header)
		for t := range targets {
			if sure := words[t].confidence(header, ways); sure > 0 {
				all = append(all, candidate{h, t, sure})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.confidence, a.confidence) })
	return all
}

// vocabulary is what a target is called, folded.
type vocabulary struct {
	name                   string
	names, labels, related []string
}

func vocabularyOf(t Target) vocabulary {
	v := vocabulary{name: t.Name, names: folds(t.Name), labels: folds(t.Label)}
	for _, s := range t.Synonyms {
		v.related = append(v.related, folds(s)...)
	}
	return v
}

// confidence is how sure it is that a header, folded in these ways, means the
// target.
func (v vocabulary) confidence(header string, ways []string) float64 {
	switch {
	case header == v.name:
		return byName
	case ways[0] == "":
		return 0
	case shares(ways, v.names):
		return byFold
	case shares(ways, v.labels):
		return byLabel
	case shares(ways, v.related):
		return bySynonym
	}
	likest := 0.0
	for _, words := range [][]string{v.names, v.labels, v.related} {
		for _, word := range words {
			likest = max(likest, likeness(ways[0], word))
		}
	}
	return likest * byLikeness
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(word string) bool { return slices.Contains(b, word) })
}

// likeness of two words is 0 unless they are nearly the same. Who did something is not
// like when it was done, though created_by and created_at share most letters.
func likeness(a, b string) float64 {
	short, long := min(len(a), len(b)), max(len(a), len(b))
	if short < likeLength || long > 3*short/2 || long > MaxName || saysWho(a) != saysWho(b) {
		return 0
	}
	like := smetrics.JaroWinkler(a, b, 0.7, 4)
	if like < likeEnough {
		return 0
	}
	return like
}

// whose are the words that come before who did something.
var whose = []string{"by", "von", "durch", "par", "por"}

func saysWho(word string) bool {
	return slices.ContainsFunc(whose, func(by string) bool { return strings.HasSuffix(word, by) })
}
