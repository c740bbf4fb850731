package api

import (
	"container/list"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"
)

// quota is how much of something one caller has in a minute.
type quota struct {
	name string
	most int
}

const minute = 60 // seconds, the window of every quota

// allowance is what callers have left of some quotas: a bucket for each, which
// fills evenly and loses a token with every request. The buckets are our own,
// since x/time/rate takes back no token that was spent a moment ago, and a 304 is
// free. It remembers the callers of late only: an older one's buckets have filled
// in the meantime, or belong to one of a flood of made-up callers.
type allowance struct {
	quotas []quota

	mu   sync.Mutex
	held map[string]*list.Element
	late *list.List // of *purse, the latest caller first
}

// purse is what one caller has left.
type purse struct {
	caller string
	left   []float64 // of each quota
	at     time.Time // when that was reckoned
}

// mostPurses bounds what is remembered: a million addresses take no more room
// than this many.
const mostPurses = 10_000

func newAllowance(quotas ...quota) *allowance {
	a := &allowance{held: map[string]*list.Element{}, late: list.New()}
	for _, q := range quotas {
		if q.most > 0 {
			a.quotas = append(a.quotas, q)
		}
	}
	return a
}

// of is a caller's purse as it stands now.
func (a *allowance) of(caller string, now time.Time) *purse {
	if e, there := a.held[caller]; there {
		a.late.MoveToFront(e)
		p := e.Value.(*purse)
		gone := max(0, now.Sub(p.at).Seconds()) // a clock that was put back fills nothing
		for i, q := range a.quotas {
			p.left[i] = min(float64(q.most), p.left[i]+gone*float64(q.most)/minute)
		}
		p.at = now
		return p
	}
	if len(a.held) >= mostPurses {
		delete(a.held, a.late.Remove(a.late.Back()).(*purse).caller)
	}
	p := &purse{caller: caller, left: make([]float64, len(a.quotas)), at: now}
	for i, q := range a.quotas {
		p.left[i] = float64(q.most)
	}
	a.held[caller] = a.late.PushFront(p)
	return p
}

// take spends a token of each of the named quotas, or of none if one is empty:
// then it names those, and says after how many seconds there is one again.
func (a *allowance) take(caller string, now time.Time, names ...string) (wait int, empty []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.of(caller, now)
	if wait, empty = a.lacks(p, names); len(empty) > 0 {
		return wait, empty
	}
	a.add(p, -1, names)
	return 0, nil
}

// giveBack returns the tokens of a request that turned out to be free.
func (a *allowance) giveBack(caller string, now time.Time, names ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(a.of(caller, now), 1, names)
}

// spent names the quotas that are used up, without taking anything.
func (a *allowance) spent(caller string, now time.Time, names ...string) (wait int, empty []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held[caller] == nil {
		return 0, nil // who has spent nothing is not remembered for asking
	}
	return a.lacks(a.of(caller, now), names)
}

func (a *allowance) lacks(p *purse, names []string) (wait int, empty []string) {
	for i, q := range a.quotas {
		if contains(names, q.name) && p.left[i] < 1 {
			wait = max(wait, int(math.Ceil((1-p.left[i])*minute/float64(q.most))))
			empty = append(empty, q.name)
		}
	}
	return wait, empty
}

func (a *allowance) add(p *purse, n float64, names []string) {
	for i, q := range a.quotas {
		if contains(names, q.name) {
			p.left[i] = min(max(p.left[i]+n, 0), float64(q.most))
		}
	}
}

// policy is the header RateLimit-Policy.
func (a *allowance) policy() string {
	items := make([]string, len(a.quotas))
	for i, q := range a.quotas {
		items[i] = fmt.Sprintf("%q;q=%d;w=%d", q.name, q.most, minute)
	}
	return strings.Join(items, ", ")
}

// state is the header RateLimit: what is left of each of the named quotas, and
// after how many seconds all of it is there again.
func (a *allowance) state(caller string, now time.Time, names ...string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.of(caller, now)
	var items []string
	for i, q := range a.quotas {
		if contains(names, q.name) {
			full := math.Ceil((float64(q.most) - p.left[i]) * minute / float64(q.most))
			items = append(items, fmt.Sprintf("%q;r=%d;t=%d", q.name, int(p.left[i]), int(full)))
		}
	}
	return strings.Join(items, ", ")
}
