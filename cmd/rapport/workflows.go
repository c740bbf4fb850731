package main

import (
	"fmt"

	"rapport/internal/fault"
	"rapport/internal/register"
)

type workflows struct {
	Noun string `arg:"" optional:"" help:"One noun, such as complaint; without it all are printed."`
}

// Run prints the workflows as they are declared.
func (w *workflows) Run(o out) error {
	names := []string{}
	for _, n := range register.All() {
		names = append(names, n.Name)
	}
	if w.Noun != "" {
		if register.ByName(w.Noun) == nil {
			return &wrongSetting{w.Noun, unknownNoun(w.Noun, names)}
		}
		names = []string{w.Noun}
	}
	for i, name := range names {
		if i > 0 {
			o.printf("")
		}
		fmt.Fprintf(o, "%%%% %s\n%s", name, register.ByName(name).Flow.Mermaid())
	}
	return nil
}

func unknownNoun(given string, names []string) string {
	if near := fault.Nearest(given, names); near != "" {
		return "is no noun of the register; did you mean " + near + "?"
	}
	return "is no noun of the register; rapport workflows prints all"
}
