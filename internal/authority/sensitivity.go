package authority

import "slices"

// Sensitivity says how far a record may be seen, as a rank that SQL can compare.
type Sensitivity int

// The ranks, lowest first.
const (
	Public Sensitivity = iota
	Internal
	Confidential
	Restricted
)

// Sensitivities are the words for the ranks, in their order.
var Sensitivities = []string{"public", "internal", "confidential", "restricted"}

func (s Sensitivity) String() string {
	if s < Public || s > Restricted {
		return "restricted" // an unknown rank is shown to as few as possible
	}
	return Sensitivities[s]
}

// ParseSensitivity reads a word; ok is false for any other.
func ParseSensitivity(word string) (s Sensitivity, ok bool) {
	i := slices.Index(Sensitivities, word)
	return Sensitivity(max(i, 0)), i >= 0
}
