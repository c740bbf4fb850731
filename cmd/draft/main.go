// Command draft prints the draft of a noun's migration, for a developer who adds
// a noun: its table, its shadow columns and an index for each access path.
package main

import (
	"fmt"
	"os"

	"rapport/internal/register"
)

func main() {
	if len(os.Args) != 2 || register.ByName(os.Args[1]) == nil {
		fmt.Fprintln(os.Stderr, "usage: draft NOUN; the nouns are:")
		for _, n := range register.All() {
			fmt.Fprintln(os.Stderr, " ", n.Name)
		}
		os.Exit(2)
	}
	fmt.Print(register.DDL(register.ByName(os.Args[1])))
}
