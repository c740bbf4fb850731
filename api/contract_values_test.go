package api_test

import (
	"rapport/internal/flow"
	"rapport/internal/register"
	"rapport/internal/testkit"
)

// fieldsFor fills what a transition must be given.
func fieldsFor(h *testkit.House, n *register.Noun, row *flow.Transition[register.Record]) map[string]any {
	fields := map[string]any{}
	for _, name := range row.Needs {
		if all := h.Values(n, n.Input(name)); len(all) > 0 {
			fields[name] = all[0]
		}
	}
	if row.Reason {
		fields["reason"] = "so that it is tried"
	}
	return fields
}
