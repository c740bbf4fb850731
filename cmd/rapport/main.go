// Command rapport is the whole of Rapport in one binary: the server, and what an
// administrator needs beside it.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"rapport/internal/fault"
)

// What the program was built from; set by the linker for releases.
var (
	version = "dev"
	commit  = ""
	builtAt = ""
)

// Exit statuses.
const (
	exitDone   = 0
	exitFailed = 1 // it could not be done, or a check found something wrong
	exitUsage  = 2 // a command, a flag or a setting is wrong; nothing was begun
)

const description = `An open stakeholder relationship register.

Every setting is a flag and an environment variable. Exit status: 0 done; 1 it could not be done, or a check found something wrong; 2 a command, a flag or a setting is wrong.`

// commands are the words that rapport understands.
type commands struct {
	config

	Serve       serve       `cmd:"" help:"Serve the register."`
	Users       users       `cmd:"" help:"People who work with the register; works beside a running server."`
	Keys        keys        `cmd:"" help:"API keys; works beside a running server."`
	Migrate     migrate     `cmd:"" help:"Bring the database's tables up to date; serve does it by itself."`
	Seed        seed        `cmd:"" help:"Load the demonstration's data into an empty register, without its well-known keys."`
	Workflows   workflows   `cmd:"" help:"Print the workflows as Mermaid state diagrams."`
	Backup      backup      `cmd:"" help:"Copy the register into one file, beside a running server too."`
	Restore     restore     `cmd:"" help:"Check a backup, or put it in place of the register."`
	Doctor      doctor      `cmd:"" help:"Look for what is wrong with this installation."`
	Healthcheck healthcheck `cmd:"" help:"Ask a running server whether it is alive; for containers."`
	Version     showVersion `cmd:"" help:"Print the version."`
}

func main() {
	// The live heap is small beside what requests throw away: collecting a fifth as
	// often costs a few megabytes and spares a tenth of the time of a change.
	debug.SetGCPercent(500)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// out is where commands write what was asked for.
type out struct{ io.Writer }

func (o out) printf(format string, args ...any) { fmt.Fprintf(o, format+"\n", args...) }

func run(args []string, stdout, stderr io.Writer) int {
	cli := commands{config: config{stderr: stderr}}
	for _, warning := range readEnvironment() {
		fmt.Fprintln(stderr, "rapport: warning:", warning)
	}
	ended := -1 // help and the like end the program before a command runs
	parser, err := kong.New(&cli, kong.Name("rapport"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.ExplicitGroups([]kong.Group{{Key: "settings", Title: "Settings:"}}), kong.Exit(func(code int) { ended = code }))
	if err != nil {
		fmt.Fprintln(stderr, "rapport:", err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	switch {
	case ended >= 0:
		return ended
	case err != nil:
		fmt.Fprintf(stderr, "rapport: %v (rapport --help lists the commands)\n", err)
		return exitUsage
	}
	if err := cli.check(); err != nil {
		fmt.Fprintln(stderr, "rapport:", err)
		return exitUsage
	}
	return report(stderr, command.Run(&cli.config, out{stdout}))
}

// report says what went wrong, with every rule that was broken, and gives the
// exit status.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	var f *fault.Error
	if errors.As(err, &f) {
		fmt.Fprintln(stderr, "rapport:", f.Detail)
		for _, field := range f.Fields {
			fmt.Fprintf(stderr, "  %s: %s\n", strings.TrimPrefix(field.Pointer, "#/"), field.Detail)
		}
		return exitFailed
	}
	fmt.Fprintln(stderr, "rapport:", err)
	var wrong *wrongSetting
	if errors.As(err, &wrong) {
		return exitUsage
	}
	return exitFailed
}

type showVersion struct{}

// Run prints the version.
func (showVersion) Run(o out) error {
	o.printf("rapport %s %s %s", version, commit, builtAt)
	return nil
}
