package register

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"
)

// Instant is a moment in UTC as 24 characters, 2026-11-22T09:15:04.123Z: the
// same text in JSON and in the database, so that order and equality are those of
// texts everywhere. The empty Instant means none.
type Instant string

// InstantLayout is how an Instant is written.
const InstantLayout = "2006-01-02T15:04:05.000Z"

// At is the instant of t, cut to milliseconds.
func At(t time.Time) Instant {
	return Instant(t.UTC().Truncate(time.Millisecond).Format(InstantLayout))
}

// Time is the instant as a time, the zero time for none.
func (i Instant) Time() time.Time {
	t, _ := time.Parse(InstantLayout, string(i))
	return t
}

// Date is a day without a zone, 2026-11-22. The empty Date means none.
type Date string

// DateLayout is how a Date is written.
const DateLayout = "2006-01-02"

// On is the day of t in t's own zone.
func On(t time.Time) Date { return Date(t.Format(DateLayout)) }

// Time is midnight UTC of the day, the zero time for none.
func (d Date) Time() time.Time {
	t, _ := time.Parse(DateLayout, string(d))
	return t
}

// Days is the date n days later.
func (d Date) Days(n int) Date { return On(d.Time().AddDate(0, 0, n)) }

// MarshalJSON writes null for none.
func (i Instant) MarshalJSON() ([]byte, error) { return orNull(string(i)) }

// MarshalJSON writes null for none.
func (d Date) MarshalJSON() ([]byte, error) { return orNull(string(d)) }

func orNull(s string) ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return json.Marshal(s)
}

// List is an array property; it is kept as JSON text and is never null.
type List[T any] []T

// MarshalJSON writes [] for an empty list.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return structured(reflect.ValueOf([]T(l)))
}

// Terms are the terms of a list's items, where these are structured.
func (l List[T]) Terms() (terms []string) {
	for i := range l {
		if item, ok := any(l[i]).(Termed); ok {
			terms = append(terms, item.Terms()...)
		}
	}
	return terms
}

// Texts are the words of a list's items, where these are structured.
func (l List[T]) Texts() (texts []string) {
	for i := range l {
		if item, ok := any(l[i]).(Texted); ok {
			texts = append(texts, item.Texts()...)
		}
	}
	return texts
}

// Map is an object property with members that are not fixed; never null.
type Map map[string]any

// MarshalJSON writes {} for an empty map.
func (m Map) MarshalJSON() ([]byte, error) {
	if m == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]any(m))
}

// UnmarshalJSON keeps numbers as they are written.
func (m *Map) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode((*map[string]any)(m))
}

// Filter is a filter as JSON that a record keeps, as it was sent: {} is none.
type Filter map[string]any

// MarshalJSON writes {} for none.
func (f Filter) MarshalJSON() ([]byte, error) { return Map(f).MarshalJSON() }

// Ask reads the filter anew for a caller. What no longer fits stands in the faults
// of asking; ok says that nothing is wrong.
func (f Filter) Ask(asking *Asking, at Place) (c Cond, ok bool) {
	raw, err := json.Marshal(f)
	if err != nil {
		return c, false
	}
	return asking.Filter(at, raw)
}

// Termed is a structured value that lists can be filtered by: its terms.
type Termed interface{ Terms() []string }

// Texted is a structured value whose words can be searched.
type Texted interface{ Texts() []string }
