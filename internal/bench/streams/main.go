// Command streams holds many streams of a running register's feed, makes changes,
// and prints how long it took until every stream had told each of them.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	base := flag.String("url", "http://127.0.0.1:8080/api/v1", "where the register is served")
	key := flag.String("key", "rapport_bench_l6", "the key to ask with")
	clients := flag.Int("clients", 500, "streams")
	changes := flag.Int("changes", 20, "changes made")
	flag.Parse()
	log.SetFlags(0)
	if err := measure(&holder{base: *base, key: *key, told: make(chan string, *clients)}, *clients, *changes); err != nil {
		log.Fatal("streams: ", err)
	}
}

func measure(h *holder, clients, changes int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := h.hold(ctx, clients); err != nil {
		return err
	}
	var all []time.Duration
	for i := range changes {
		took, err := h.change(ctx, fmt.Sprintf("Streamed %d %d", time.Now().UnixNano(), i), clients)
		if err != nil {
			return err
		}
		all = append(all, took)
	}
	slices.Sort(all)
	fmt.Printf("%d streams, %d changes: told to all after %v at the median, %v at most\n", clients, changes, all[len(all)/2].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond))
	return nil
}

// holder holds the streams.
type holder struct {
	base, key string
	told      chan string // the number of each event, from each stream
}

func (h *holder) ask(ctx context.Context, method, path, body string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, h.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+h.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return http.DefaultClient.Do(req)
}

// hold opens the streams and waits until each has begun.
func (h *holder) hold(ctx context.Context, n int) error {
	var begun sync.WaitGroup
	failed := make(chan error, n)
	few := make(chan struct{}, 50) // more at once than are answered at once would be shed
	for range n {
		begun.Add(1)
		few <- struct{}{}
		go func() {
			res, err := h.ask(ctx, http.MethodGet, "/events/stream?types=stakeholder.created", "")
			if err == nil && res.StatusCode != http.StatusOK {
				err = fmt.Errorf("a stream answered %s", res.Status)
			}
			<-few
			begun.Done()
			if err != nil {
				failed <- err
				return
			}
			defer func() { _ = res.Body.Close() }()
			h.read(res)
		}()
	}
	begun.Wait()
	select {
	case err := <-failed:
		return err
	case <-time.After(time.Second): // all have joined by then
		return nil
	}
}

func (h *holder) read(res *http.Response) {
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if seq, found := strings.CutPrefix(lines.Text(), "event: "); found {
			h.told <- seq
		}
	}
}

// change makes a record and waits until every stream has told it.
func (h *holder) change(ctx context.Context, name string, streams int) (time.Duration, error) {
	begun := time.Now()
	res, err := h.ask(ctx, http.MethodPost, "/stakeholders", fmt.Sprintf(`{"name":%q,"kind":"organisation"}`, name))
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusCreated {
		return 0, fmt.Errorf("the change was answered %s", res.Status)
	}
	for range streams {
		select {
		case <-h.told:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return time.Since(begun), nil
}
