package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Suggestion is a lesson that may help with a record, with why.
type Suggestion struct {
	// ID is the lesson's id.
	ID string `json:"id"`
	// Ref is its ref.
	Ref string `json:"ref" example:"LSN-4"`
	// URL leads to it.
	URL string `json:"url"`
	// Title says the lesson in a line.
	Title string `json:"title"`
	// Kind says whether it went well or badly.
	Kind string `json:"kind" enums:"positive,negative"`
	// Recommendation says what to do.
	Recommendation string `json:"recommendation"`
	// State is published, or applied where something changed because of it.
	State string `json:"state" enums:"published,applied"`
	// Score weighs what the two share: 3 for a tag, 2 for the category, 1 for a word up to 5.
	Score int `json:"score"`
	// Because says in words what they share.
	Because []string `json:"because"`

	updatedAt register.Instant
}

// Suggestions are the lessons that may help with a record, the best first.
type Suggestions struct {
	// For is the record.
	For RecordLabel `json:"for"`
	// Data are the lessons.
	Data []Suggestion `json:"data"`
	// Considered counts the lessons that were compared, the newest 1,000 at most.
	Considered int `json:"considered"`
}

// about is a record that tells what it is about.
type about interface {
	register.Record
	Matter() register.Matter
}

const (
	mostConsidered = 1000
	leastScore     = 2 // one word alone is chance
)

// SuggestLessons ranks the lessons in use that share tags, the category or words
// with a record, as far as the caller sees both.
func (l *Ledger) SuggestLessons(ctx context.Context, ref string, limit int) (Suggestions, error) {
	out := Suggestions{Data: []Suggestion{}}
	rec, err := l.matter(ctx, ref)
	if err != nil {
		return out, err
	}
	p := register.Pointer(rec)
	n := register.Of(rec)
	out.For = RecordLabel{p.ID, p.Ref, n.Text(rec, n.TitleField.Name)}
	lessons, err := l.lessonsInUse(ctx)
	if err != nil {
		return out, err
	}
	out.Considered = len(lessons)
	matter := rec.Matter()
	for _, lesson := range lessons {
		if shared := lesson.Matter().Common(matter); shared.Score() >= leastScore {
			out.Data = append(out.Data, l.suggestion(lesson, shared))
		}
	}
	slices.SortFunc(out.Data, func(a, b Suggestion) int {
		return cmp.Or(b.Score-a.Score, cmp.Compare(a.State, b.State), cmp.Compare(b.updatedAt, a.updatedAt), cmp.Compare(b.ID, a.ID)) // applied before published
	})
	out.Data = out.Data[:min(limit, len(out.Data))]
	return out, nil
}

// matter reads the record with a ref that lessons are suggested for.
func (l *Ledger) matter(ctx context.Context, ref string) (about, error) {
	prefix, _, _ := strings.Cut(ref, "-")
	n := register.ByPrefix(strings.ToUpper(prefix))
	if n == nil {
		return nil, none()
	}
	if _, tells := n.New().(about); !tells {
		return nil, none()
	}
	shown, err := l.Get(ctx, n, ref, nil)
	if err != nil {
		return nil, err
	}
	rec, err := n.Load(shown.Row)
	if err != nil {
		return nil, err
	}
	return rec.(about), nil
}

// lessonsInUse are the newest lessons that are published and that the caller sees.
func (l *Ledger) lessonsInUse(ctx context.Context) ([]*register.Lesson, error) {
	actor, n := authority.From(ctx), register.Lessons
	if err := mayAsk(actor, n, authority.Read); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	rows, _, err := l.DB.Look().List(ctx, store.Query{
		Noun: n, Sort: n.Field("updated_at"), Desc: true, Limit: mostConsidered, Sight: store.SightOf(actor),
		Where: []store.Cond{{Field: n.Field("state"), Op: "in", Values: []any{"published", "applied"}}},
	})
	if err != nil {
		return nil, tooBroad(n, err)
	}
	out := make([]*register.Lesson, 0, len(rows))
	for _, row := range rows {
		rec, err := n.Load(row)
		if err != nil {
			return nil, err
		}
		out = append(out, rec.(*register.Lesson))
	}
	return out, nil
}

func (l *Ledger) suggestion(lesson *register.Lesson, shared register.Matter) Suggestion {
	s := Suggestion{
		ID: lesson.ID, Ref: register.Pointer(lesson).Ref, URL: register.Lessons.URL(l.Base, lesson.ID), Title: lesson.Title, Kind: lesson.Kind,
		Recommendation: lesson.Recommendation, State: string(lesson.State), Score: shared.Score(), Because: []string{}, updatedAt: lesson.UpdatedAt,
	}
	if len(shared.Tags) > 0 {
		s.Because = append(s.Because, "tagged "+strings.Join(shared.Tags, ", "))
	}
	if shared.Category != "unknown" {
		s.Because = append(s.Because, "of the category "+shared.Category)
	}
	if len(shared.Words) > 0 {
		s.Because = append(s.Because, "in the words "+strings.Join(shared.Words[:min(len(shared.Words), 10)], ", "))
	}
	return s
}
