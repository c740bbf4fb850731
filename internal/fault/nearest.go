package fault

import "github.com/xrash/smetrics"

// longest is the length in bytes beyond which a name is like none of ours, and
// not worth the comparing.
const longest = 100

// Nearest is the name most like the one given, or "" when none comes close.
func Nearest(given string, names []string) string {
	if len(given) > longest {
		return ""
	}
	best, score := "", 0.78 // below that a suggestion misleads more than it helps
	for _, n := range names {
		if s := smetrics.JaroWinkler(given, n, 0.7, 4); s > score {
			best, score = n, s
		}
	}
	return best
}
