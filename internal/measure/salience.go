package measure

import "fmt"

// The salience classes. Dormant is a class here and not the state of a record.
const (
	NonStakeholder = "non_stakeholder"
	Dormant        = "dormant"
	Discretionary  = "discretionary"
	Demanding      = "demanding"
	Dominant       = "dominant"
	Dangerous      = "dangerous"
	Dependent      = "dependent"
	Definitive     = "definitive"
)

// The salience kinds: how many of the three attributes are high. The kind
// definitive bears the name of its only class.
const (
	KindNone       = "none"
	KindLatent     = "latent"
	KindExpectant  = "expectant"
	KindDefinitive = "definitive"
)

const salienceSource = "Mitchell, Agle and Wood 1997, Toward a theory of stakeholder identification and salience"

type salienceRow struct {
	class, kind string
	rank        int
}

// salienceTable is keyed by power, legitimacy and urgency being high.
var salienceTable = map[[3]bool]salienceRow{
	{false, false, false}: {NonStakeholder, KindNone, 0},
	{true, false, false}:  {Dormant, KindLatent, 1},
	{false, true, false}:  {Discretionary, KindLatent, 1},
	{false, false, true}:  {Demanding, KindLatent, 1},
	{true, true, false}:   {Dominant, KindExpectant, 2},
	{true, false, true}:   {Dangerous, KindExpectant, 2},
	{false, true, true}:   {Dependent, KindExpectant, 2},
	{true, true, true}:    {Definitive, KindDefinitive, 3},
}

// SalienceResult is a salience class with the scores it was read from.
type SalienceResult struct {
	Basis
	Class      string `json:"salience_class"`
	Kind       string `json:"salience_kind"`
	Rank       int    `json:"salience_rank"`
	Power      *int   `json:"power"`
	Legitimacy *int   `json:"legitimacy"`
	Urgency    *int   `json:"urgency"`
	Threshold  int    `json:"threshold"`
}

// Salience names the class, kind and rank of a stakeholder after Mitchell,
// Agle & Wood (1997): which of power, legitimacy and urgency are high, and how
// many. A score that is missing or off the scale makes all three unknown, with
// rank 0; AssessSalience says which score it was.
func Salience(power, legitimacy, urgency *int, threshold int) (class, kind string, rank int) {
	if salienceFault(power, legitimacy, urgency, threshold) != "" {
		return Unknown, Unknown, 0
	}
	row := salienceTable[[3]bool{*power >= threshold, *legitimacy >= threshold, *urgency >= threshold}]
	return row.class, row.kind, row.rank
}

// AssessSalience is Salience with its basis; inputs are the ids of the
// assessments the scores come from.
func AssessSalience(power, legitimacy, urgency *int, threshold int, inputs ...string) SalienceResult {
	r := SalienceResult{
		Basis: Basis{
			N:      known(power, legitimacy, urgency),
			Inputs: sorted(inputs),
			Formula: fmt.Sprintf("class by which of power, legitimacy, urgency are ≥ %d; rank = how many are",
				threshold),
			Source: salienceSource,
		},
		Power: power, Legitimacy: legitimacy, Urgency: urgency, Threshold: threshold,
	}
	r.Class, r.Kind, r.Rank = Salience(power, legitimacy, urgency, threshold)
	if why := salienceFault(power, legitimacy, urgency, threshold); why != "" {
		r.because("salience_class", why)
	}
	return r
}

// SalienceWeight is what a stakeholder counts in a mean over many: its rank,
// and a half for rank 0, so that nobody drops out for lack of salience.
func SalienceWeight(rank int) float64 {
	if rank <= 0 {
		return 0.5
	}
	return float64(rank)
}

func salienceFault(power, legitimacy, urgency *int, threshold int) string {
	return faults(
		scoreFault("power", power),
		scoreFault("legitimacy", legitimacy),
		scoreFault("urgency", urgency),
		thresholdFault(threshold),
	)
}
