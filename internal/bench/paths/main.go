// Command paths asks a running register for the first page and for a page far in
// of every list that a collection declares to stay fast, and prints the median of
// each: what grows with the depth is no access path. Given a second register, larger
// or smaller, it asks both in turns, and prints by how much the pages differ: what
// grows with the number of records is none either.
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

// asker is a register that is asked.
type asker struct {
	base, key, collection string
}

type page struct {
	Data []map[string]any `json:"data"`
	Page struct {
		NextCursor *string `json:"next_cursor"`
		Total      *int64  `json:"total"`
	} `json:"page"`
}

func main() {
	a, against := asker{}, ""
	deep, times := 0, 0
	flag.StringVar(&a.base, "url", "http://127.0.0.1:8080/api/v1", "where the register is served")
	flag.StringVar(&against, "against", "", "where another register is served, with which this one is compared")
	flag.StringVar(&a.key, "key", "rapport_bench_l6", "the key to ask with")
	flag.StringVar(&a.collection, "collection", "stakeholders", "the collection")
	flag.IntVar(&times, "times", 40, "how often each page is asked for")
	flag.IntVar(&deep, "page", 1000, "the page far in; the last one where there are fewer")
	flag.Parse()
	log.SetFlags(0)
	askers := []asker{a}
	if against != "" {
		askers = append(askers, asker{against, a.key, a.collection})
	}
	var fields struct {
		AccessPaths []string `json:"access_paths"`
	}
	if _, err := a.get("/meta/fields/"+a.collection, nil, &fields); err != nil {
		log.Fatal("paths: ", err)
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(out, "access path\trecords\tpage 1\tpage\tdeep\tby depth\tpage 1 by size\tdeep by size")
	for _, path := range fields.AccessPaths {
		if err := measure(out, askers, path, deep, times); err != nil {
			log.Fatalf("paths: %s: %v", path, err)
		}
	}
	_ = out.Flush()
}

// lane is a page of one register with what it took.
type lane struct {
	of   asker
	page url.Values
	took []time.Duration
}

// measure times the pages of all registers in turns, so that a busy machine
// troubles all alike.
func measure(out *tabwriter.Writer, askers []asker, path string, deep, times int) error {
	var lanes []*lane
	var totals []int64
	var depths []int
	for _, a := range askers {
		first, err := a.query(path)
		if err != nil {
			return err
		}
		far, at, err := a.walk(first, deep)
		if err != nil {
			return err
		}
		total, err := a.total(first)
		if err != nil {
			return err
		}
		totals, depths = append(totals, total), append(depths, at)
		lanes = append(lanes, &lane{of: a, page: first}, &lane{of: a, page: far})
	}
	for range times {
		for _, l := range lanes {
			took, err := l.of.get("/"+l.of.collection, l.page, &page{})
			if err != nil {
				return err
			}
			l.took = append(l.took, took)
		}
	}
	for i := range askers {
		near, far := median(lanes[2*i].took), median(lanes[2*i+1].took)
		fmt.Fprintf(out, "%s\t%d\t%v\t%d\t%v\t%.2f", path, totals[i], near.Round(time.Microsecond), depths[i], far.Round(time.Microsecond), float64(far)/float64(near))
		if i > 0 {
			fmt.Fprintf(out, "\t%.2f\t%.2f", float64(median(lanes[0].took))/float64(near), float64(median(lanes[1].took))/float64(far))
		}
		fmt.Fprintln(out)
	}
	return nil
}

// total counts the records of a list.
func (a asker) total(list url.Values) (int64, error) {
	q := url.Values{"include_total": {"true"}}
	for name, v := range list {
		q[name] = v
	}
	var p page
	if _, err := a.get("/"+a.collection, q, &p); err != nil {
		return 0, err
	}
	return *p.Page.Total, nil
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
		if field == "created_by" {
			if err := a.maker(q); err != nil {
				return nil, err
			}
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

// maker asks for what the maker of the newest record entered, nobody if it was the register.
func (a asker) maker(q url.Values) error {
	var newest page
	if _, err := a.get("/"+a.collection, url.Values{"sort": {"-created_at"}, "limit": {"1"}}, &newest); err != nil {
		return err
	}
	q.Set("created_by.null", "true")
	for _, rec := range newest.Data {
		if id := rec["created_by"].(map[string]any)["id"]; id != nil {
			q.Del("created_by.null")
			q.Set("created_by", fmt.Sprint(id))
		}
	}
	return nil
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
