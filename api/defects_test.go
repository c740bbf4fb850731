package api_test

// tampering are defects that are made in the nouns' tables, in the process.
var tampering []struct {
	name   string
	tamper func()
}
