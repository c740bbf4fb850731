// Command fill fills a folder's register with stakeholders, and complaints if it is asked,
// through the ledger, for the benchmarks; it prints a key and writes samples of ids and names beside.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/secret"
	"rapport/internal/store"
)

func main() {
	dir := flag.String("data", "", "folder of the register")
	url := flag.String("url", "", "URL of a PostgreSQL database; empty = SQLite in the folder")
	n := flag.Int("n", 100_000, "stakeholders")
	complaints := flag.Int("complaints", 0, "complaints, besides")
	issues := flag.Int("issues", 0, "issues whose time limit is over, besides")
	late := flag.Int("late", 0, "complaints whose time limit is over, besides")
	customs := flag.Bool("customs", false, "declare custom fields of stakeholders and give values of them to each")
	flag.Parse()
	log.SetFlags(0)
	if *dir == "" {
		log.Fatal("fill: -data is required")
	}
	if err := fill(authority.With(context.Background(), authority.Register()), *dir, *url, amounts{*n, *complaints, *issues, *late}, *customs); err != nil {
		log.Fatal("fill: ", err)
	}
}

// Key is the key by which the benchmarks ask.
const Key = "rapport_bench_l6"

// amounts are how many records of each sort are entered.
type amounts struct{ stakeholders, complaints, issues, late int }

func fill(ctx context.Context, dir, url string, want amounts, customs bool) error {
	sec, err := secret.FromFile(filepath.Join(dir, "secret"))
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Config{Dir: dir, URL: url, ChainKey: sec.Key(secret.Chain), Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	l := ledger.New(db, time.Now, "/api/v1")
	if err := l.Start(ctx); err != nil {
		return err
	}
	owner, err := enterPerson(ctx, l, "bench", 6)
	if err != nil {
		return err
	}
	if err := enterKey(ctx, l, owner, Key); err != nil {
		return err
	}
	if customs {
		if err := declare(ctx, l); err != nil {
			return err
		}
	}
	ids, err := os.Create(filepath.Join(dir, "sample.ids"))
	if err != nil {
		return err
	}
	w := bufio.NewWriter(ids)
	began, dice := time.Now(), rand.New(rand.NewPCG(1, 2))
	for done := 0; done < want.stakeholders; {
		size := min(1000, want.stakeholders-done)
		err := l.Together(ctx, func(ctx context.Context) error {
			for i := range size {
				a, err := l.Create(ctx, register.Stakeholders, nil, ledger.Asked{Prime: func(rec register.Record) {
					describe(rec.(*register.Stakeholder), owner, done+i, dice)
					if customs {
						adorn(rec.(*register.Stakeholder), done+i, dice)
					}
				}})
				if err != nil {
					return err
				}
				if dice.IntN(5) == 0 {
					fmt.Fprintln(w, a.ID)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		done += size
	}
	fmt.Printf("%d stakeholders in %v; key %s\n", want.stakeholders, time.Since(began).Round(time.Millisecond), Key)
	if err := w.Flush(); err != nil {
		return err
	}
	if err := ids.Close(); err != nil {
		return err
	}
	return besides(ctx, l, owner, want)
}

// besides enters what is wanted beside stakeholders.
func besides(ctx context.Context, l *ledger.Ledger, owner string, want amounts) error {
	if want.complaints > 0 {
		if err := complain(ctx, l, want.complaints); err != nil {
			return err
		}
	}
	if err := linger(ctx, l, register.Issues, want.issues, lateIssue(owner)); err != nil {
		return err
	}
	return linger(ctx, l, register.Complaints, want.late, lateComplaint(owner))
}

func enterPerson(ctx context.Context, l *ledger.Ledger, handle string, level int) (string, error) {
	a, err := l.Create(ctx, register.Users, nil, ledger.Asked{Prime: func(rec register.Record) {
		u := rec.(*register.User)
		u.Name, u.Handle, u.RlmtLevel = handle, handle, &level
	}})
	return a.ID, err
}

func enterKey(ctx context.Context, l *ledger.Ledger, user, key string) error {
	_, err := l.Create(ctx, register.APIKeys, nil, ledger.Asked{Prime: func(rec register.Record) {
		k := rec.(*register.APIKey)
		k.Name, k.UserID, k.Prefix, k.Hash, k.Scopes = "bench", user, key, ledger.HashKey(key), []string{"manager"}
	}})
	return err
}

var syllables = []string{"ba", "do", "ke", "li", "mu", "na", "po", "ra", "si", "ta", "ve", "wo"}

func word(dice *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(syllables[dice.IntN(len(syllables))])
	}
	return b.String()
}

func describe(s *register.Stakeholder, owner string, i int, dice *rand.Rand) {
	s.Name = fmt.Sprintf("%s %s %06d", word(dice, 2), word(dice, 3), i)
	s.Kind, s.OwnerID = "organisation", owner
	s.Tags = []string{word(dice, 2), word(dice, 2)}
	s.Description = strings.Repeat(word(dice, 3)+" ", 30)
	s.Roles = []string{"partner"}
}
