package api

import (
	"rapport/internal/flow"
	"rapport/internal/register"
)

// WorkflowClock is a time limit that runs in some states of a workflow.
type WorkflowClock struct {
	// Name is the clock, as due_for names it.
	Name string `json:"name"`
	// Description says what must be done by its end.
	Description string `json:"description"`
	// Runs are the states in which it runs.
	Runs []string `json:"runs"`
	// Pauses are the states in which it stands still.
	Pauses []string `json:"pauses"`
	// Start is the field from which it is reckoned; null for the step into the first of its states.
	Start *string `json:"start"`
	// Reminds says that nothing is due at its end: people are told.
	Reminds bool `json:"reminds"`
}

// clocksOf are the clocks of a noun.
func clocksOf(n *register.Noun) []WorkflowClock {
	out := []WorkflowClock{}
	for _, k := range n.Clocks {
		out = append(out, WorkflowClock{k.Name, k.Doc, words(k.Runs), words(k.Pauses), orNull(k.Start), k.Reminds})
	}
	return out
}

func words(states []flow.State) []string {
	out := make([]string, 0, len(states))
	for _, s := range states {
		out = append(out, string(s))
	}
	return out
}
