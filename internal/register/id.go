package register

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

// ids makes ids ascend within a millisecond.
var ids struct {
	sync.Mutex
	ms      int64
	counter uint32
}

// NewID is a UUID of version 7 (RFC 9562) for something entered at t: the time in
// milliseconds, a counter of 26 bits and 48 random bits. Records entered one after
// the other have ascending ids, so the order of ids is the order of created_at,
// and lists sorted by it need no index of their own.
func NewID(t time.Time) string {
	ids.Lock()
	ms := t.UnixMilli()
	if ms != ids.ms {
		ids.ms, ids.counter = ms, 0
	}
	ids.counter++
	count := ids.counter
	ids.Unlock()
	return idOf(ms, count)
}

// BackdatedID is a NewID for something that was entered elsewhere at t, so that it
// stands in its place among the ids as it does among the dates of creation. What is
// entered now goes on counting beside it. It takes times from Epoch on.
func BackdatedID(t time.Time) string {
	var dice [4]byte
	_, _ = rand.Read(dice[:]) // never fails
	return idOf(t.UnixMilli(), binary.BigEndian.Uint32(dice[:]))
}

// FirstID stands before every id that NewID makes at t or later, and after those of
// earlier milliseconds.
func FirstID(t time.Time) string {
	ms := max(t.UnixMilli(), 0)
	return fmt.Sprintf("%08x-%04x-7000-8000-000000000000", ms>>16, ms&0xffff)
}

// Epoch is the first time that an id can tell.
var Epoch = time.Unix(0, 0).UTC()

func idOf(ms int64, count uint32) string {
	var u uuid.UUID
	_, _ = rand.Read(u[8:]) // never fails
	binary.BigEndian.PutUint64(u[:8], uint64(ms)<<16|0x7000|uint64(count>>14&0xfff))
	binary.BigEndian.PutUint16(u[8:10], uint16(0x8000|count&0x3fff))
	return u.String()
}
