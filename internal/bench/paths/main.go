// Command paths asks a running register for the first page and for a page far in
// of every list that a collection declares to stay fast, and prints the median of
// each: what grows with the depth, or with the number of records between two runs, is no access path.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

type asker struct {
	base, key, collection string
	times                 int
}

type page struct {
	Data []map[string]any `json:"data"`
	Page struct {
		NextCursor *string `json:"next_cursor"`
		Total      *int64  `json:"total"`
	} `json:"page"`
}

func main() {
	a := asker{}
	deep := 0
	flag.StringVar(&a.base, "url", "http://127.0.0.1:8080/api/v1", "where the register is served")
	flag.StringVar(&a.key, "key", "rapport_bench_l6", "the key to ask with")
	flag.StringVar(&a.collection, "collection", "stakeholders", "the collection")
	flag.IntVar(&a.times, "times", 40, "how often each page is asked for")
	flag.IntVar(&deep, "page", 1000, "the page far in; the last one where there are fewer")
	flag.Parse()
	log.SetFlags(0)
	var fields struct {
		AccessPaths []string `json:"access_paths"`
	}
	if _, err := a.get("/meta/fields/"+a.collection, nil, &fields); err != nil {
		log.Fatal("paths: ", err)
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(out, "access path\trecords\tpage 1\tpage\tdeep\tratio")
	for _, path := range fields.AccessPaths {
		if err := a.measure(out, path, deep); err != nil {
			log.Fatalf("paths: %s: %v", path, err)
		}
	}
	_ = out.Flush()
}

// measure times both pages in turns, so that a busy machine troubles both alike.
func (a asker) measure(out *tabwriter.Writer, path string, deep int) error {
	first, err := a.query(path)
	if err != nil {
		return err
	}
	far, at, err := a.walk(first, deep)
	if err != nil {
		return err
	}
	var near, distant []time.Duration
	for range a.times {
		for q, into := range map[*url.Values]*[]time.Duration{&first: &near, &far: &distant} {
			took, err := a.get("/"+a.collection, *q, &page{})
			if err != nil {
				return err
			}
			*into = append(*into, took)
		}
	}
	first.Set("include_total", "true")
	var p page
	if _, err := a.get("/"+a.collection, first, &p); err != nil {
		return err
	}
	n, f := median(near), median(distant)
	fmt.Fprintf(out, "%s\t%d\t%v\t%d\t%v\t%.2f\n", path, *p.Page.Total, n.Round(time.Microsecond), at, f.Round(time.Microsecond), float64(f)/float64(n))
	return nil
}

// query is the list that a path such as "state -> -updated_at" speaks of, held to
// the value that most records have.
func (a asker) query(path string) (url.Values, error) {
	equal, sort, found := strings.Cut(path, "->")
	if !found {
		equal, sort = "", path
	}
	q := url.Values{"sort": {strings.TrimSpace(sort)}, "limit": {"50"}}
	for field := range strings.SplitSeq(equal, ",") {
		if field = strings.TrimSpace(field); field == "" {
			continue
		}
		var groups page
		if _, err := a.get("/"+a.collection+"/aggregate", url.Values{"group_by": {field}}, &groups); err != nil {
			return nil, err
		}
		most := slices.MaxFunc(groups.Data, func(x, y map[string]any) int { return int(x["count"].(float64) - y["count"].(float64)) })
		q.Set(field, fmt.Sprint(most[field]))
	}
	return q, nil
}

// walk follows the cursors to a page.
func (a asker) walk(first url.Values, deep int) (url.Values, int, error) {
	at, n := first, 1
	for ; n < deep; n++ {
		var p page
		if _, err := a.get("/"+a.collection, at, &p); err != nil {
			return nil, 0, err
		}
		if p.Page.NextCursor == nil {
			break
		}
		next := url.Values{"cursor": {*p.Page.NextCursor}}
		for name, v := range first {
			next[name] = v
		}
		at = next
	}
	return at, n, nil
}

func (a asker) get(path string, q url.Values, into any) (time.Duration, error) {
	req, err := http.NewRequest(http.MethodGet, a.base+path+"?"+q.Encode(), nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	begun := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	err = json.NewDecoder(res.Body).Decode(into)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, res.Status)
	}
	return time.Since(begun), err
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
