package flow

import (
	"fmt"
	"strings"
)

// Mermaid draws the table as a state diagram, for the docs.
func (t Table[R]) Mermaid() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stateDiagram-v2\n  [*] --> %s\n", t.Start)
	for _, row := range t.Rows {
		for _, from := range row.From {
			for _, to := range row.Targets(from) {
				fmt.Fprintf(&b, "  %s --> %s: %s\n", from, to, row.label())
			}
		}
	}
	for _, end := range t.Ends {
		fmt.Fprintf(&b, "  %s --> [*]\n", end)
	}
	return b.String()
}

func (t Transition[R]) label() string {
	label := fmt.Sprintf("%s (L%d", t.Name, t.Level)
	if t.Level == 0 {
		label = t.Name + " (any"
	}
	if t.FourEyes != "" {
		label += ", 4E"
	}
	return label + ")"
}
