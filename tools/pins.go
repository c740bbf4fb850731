//go:build tools

// Package tools pins what the linters, the generators and the checks need. It is
// a module of its own so that none of it reaches the binary's dependencies.
package tools

// The client that oapi-codegen writes in .ci/run imports these two. Nothing else
// does, so without this file "go mod tidy" would forget their version.
import (
	_ "github.com/oapi-codegen/runtime"
	_ "github.com/oapi-codegen/runtime/types"
)
