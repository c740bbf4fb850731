// Command rapport is the whole of Rapport in one binary: the server, and what an
// administrator needs beside it.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// What the program was built from; set by the linker for releases.
var (
	version = "dev"
	commit  = ""
	builtAt = ""
)

// commands are the words that rapport understands.
type commands struct {
	Serve       serve       `cmd:"" help:"Serve the register."`
	Healthcheck healthcheck `cmd:"" help:"Ask a running server whether it is alive; for containers."`
	Version     showVersion `cmd:"" help:"Print the version."`
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var cli commands
	parser, err := kong.New(&cli, kong.Name("rapport"), kong.Description("An open stakeholder relationship register."), kong.UsageOnError(),
		kong.Exit(func(code int) { os.Exit(code) }))
	if err != nil {
		fmt.Fprintln(os.Stderr, "rapport:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	if err := command.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "rapport:", err)
		return 1
	}
	return 0
}

type showVersion struct{}

// Run prints the version.
func (showVersion) Run() error {
	fmt.Println("rapport", version, commit, builtAt)
	return nil
}
