package tabular

import "fmt"

// Code says what kind of thing is wrong, for programs.
type Code string

// What can be wrong with the options, the file, a row or a value.
const (
	BadOption       Code = "invalid_option"
	Empty           Code = "empty_file"
	NotText         Code = "not_text"
	NotLines        Code = "not_ndjson"
	NoSheet         Code = "no_such_sheet"
	TooManyColumns  Code = "too_many_columns"
	NameTooLong     Code = "name_too_long"
	WrongCellCount  Code = "wrong_cell_count"
	BareQuote       Code = "bare_quote"
	UnclosedQuote   Code = "unclosed_quote"
	CellTooLong     Code = "cell_too_long"
	RowTooLong      Code = "row_too_long"
	BadEncoding     Code = "invalid_encoding"
	BadCharacter    Code = "invalid_character"
	BadJSON         Code = "invalid_json"
	DuplicateName   Code = "duplicate_name"
	BadDate         Code = "invalid_date"
	AmbiguousDate   Code = "ambiguous_date"
	BadNumber       Code = "invalid_number"
	AmbiguousNumber Code = "ambiguous_number"
	BadBool         Code = "invalid_boolean"
)

// Error is what is wrong with the options, the file, one row or one value,
// written for the person who sent it. Any other error of this package is a
// failure to read or write.
type Error struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail"`
}

func (e *Error) Error() string { return e.Detail }

func problem(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// shown is a value short enough to be quoted in a sentence.
func shown(value string) string {
	const most = 60
	for i := range value {
		if i > most {
			return value[:i] + "…"
		}
	}
	return value
}
