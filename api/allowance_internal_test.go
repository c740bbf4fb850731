package api

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// A flood of addresses takes no more memory than a crowd.
func TestManyAddressesTakeNoMoreRoom(t *testing.T) {
	a, now := newAllowance(quota{quotaSignIns, 10}), time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	var k knownKeys
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc) //nolint:gosec // no heap is that large
	}
	flood := func(from, to int) {
		for i := from; i < to; i++ {
			address := network(fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff))
			a.take(address, now, quotaSignIns)
			k.add(address, "rapport_made_up")
		}
	}
	flood(0, 2*mostPurses)
	before := heap()
	flood(2*mostPurses, 1_000_000)
	if grown := heap() - before; grown > 4<<20 || len(a.held) != mostPurses || a.late.Len() != mostPurses || len(k.held) != mostPurses {
		t.Errorf("980,000 more addresses took %d bytes; %d are remembered, and %d keys", grown, len(a.held), len(k.held))
	}
	runtime.KeepAlive(a)
}
