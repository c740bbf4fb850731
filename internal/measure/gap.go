package measure

// The five words of engagement, from least to most.
const (
	Unaware    = "unaware"
	Resistant  = "resistant"
	Neutral    = "neutral"
	Supportive = "supportive"
	Leading    = "leading"
)

const gapSource = "PMI, A Guide to the PMBOK, stakeholder engagement assessment matrix"

type engagementRow struct{ index, support int }

// engagementTable gives each word its place in the matrix and its support.
// Who resists knows more than the unaware, and supports less.
var engagementTable = map[string]engagementRow{
	Unaware:    {0, 0},
	Resistant:  {1, -1},
	Neutral:    {2, 0},
	Supportive: {3, 1},
	Leading:    {4, 2},
}

// GapResult is an engagement gap with the support on both sides of it.
type GapResult struct {
	Basis
	Current           string `json:"current"`
	Desired           string `json:"desired"`
	Gap               *int   `json:"gap"`
	Support           *int   `json:"support"`
	DesiredSupport    *int   `json:"desired_support"`
	AwarenessOnlyMove bool   `json:"awareness_only_move"`
}

// EngagementIndex is the place of a word among the five, 0 to 4; nil for any
// other word.
func EngagementIndex(word string) *int {
	row, ok := engagementTable[word]
	if !ok {
		return nil
	}
	return new(row.index)
}

// Support is what a word means for us, from -1 (resistant) to 2 (leading); nil
// for a word that is none of the five.
func Support(word string) *int {
	row, ok := engagementTable[word]
	if !ok {
		return nil
	}
	return new(row.support)
}

// Gap is the distance from the current to the desired mark of the PMBOK
// matrix: positive is work to do, negative is more engagement than needed, nil
// is a mark that was not made.
func Gap(current, desired string) *int {
	c, d := EngagementIndex(current), EngagementIndex(desired)
	if c == nil || d == nil {
		return nil
	}
	return new(*d - *c)
}

// AwarenessOnlyMove tells of a move that raises the index and not the support:
// somebody unaware now knows of us, and resists or stands by.
func AwarenessOnlyMove(from, to string) bool {
	a, okFrom := engagementTable[from]
	b, okTo := engagementTable[to]
	return okFrom && okTo && b.index > a.index && b.support <= a.support
}

// AssessGap is Gap and Support with their basis; AwarenessOnlyMove is about
// the move from current to desired. Inputs are the ids of the assessments.
func AssessGap(current, desired string, inputs ...string) GapResult {
	r := GapResult{
		Basis: Basis{
			Inputs:  sorted(inputs),
			Formula: "gap = index(desired) − index(current), unaware 0, resistant 1, neutral 2, supportive 3, leading 4; support: resistant −1, unaware 0, neutral 0, supportive 1, leading 2",
			Source:  gapSource,
		},
		Current: current, Desired: desired,
		Gap:               Gap(current, desired),
		Support:           Support(current),
		DesiredSupport:    Support(desired),
		AwarenessOnlyMove: AwarenessOnlyMove(current, desired),
	}
	currentFault, desiredFault := wordFault("current engagement", current), wordFault("desired engagement", desired)
	for field, why := range map[string]string{
		"gap":             faults(currentFault, desiredFault),
		"support":         currentFault,
		"desired_support": desiredFault,
	} {
		if why != "" {
			r.because(field, why)
		}
	}
	for _, why := range []string{currentFault, desiredFault} {
		if why == "" {
			r.N++
		}
	}
	return r
}

// wordFault says what is wrong with an engagement word, or nothing.
func wordFault(name, word string) string {
	if word == "" {
		return name + " is not assessed"
	}
	if _, ok := engagementTable[word]; !ok {
		return name + " is none of unaware, resistant, neutral, supportive, leading"
	}
	return ""
}
