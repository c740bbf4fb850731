package ledger

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// queryTime is how long one reading request may keep the database busy.
const queryTime = 3 * time.Second

// Shown is one record as its reader sees it.
type Shown struct {
	ID      string
	Version int
	Body    []byte
	Row     register.Row
}

// Get reads one record. A removed one is gone for those who could see it.
func (l *Ledger) Get(ctx context.Context, n *register.Noun, name string, only register.Only) (Shown, error) {
	if err := mayAsk(authority.From(ctx), n, authority.Read); err != nil {
		return Shown{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	row, err := l.find(ctx, tx, n, name)
	if err != nil {
		return Shown{}, err
	}
	if row[n.Field("deleted_at").Column] != nil {
		rec, err := n.Load(row)
		if err != nil {
			return Shown{}, err
		}
		return Shown{}, l.gone(ctx, tx, n, rec.Meta())
	}
	body, err := l.render(ctx, tx, n, row, only)
	version, _ := strconv.Atoi(string(row[n.Field("version").Column])) // our own number
	return Shown{ID: string(row[n.Field("id").Column]), Version: version, Body: body, Row: row}, err
}

// Listed is a page of records as their reader sees them.
type Listed struct {
	Rows   []register.Row
	Bodies [][]byte
	More   bool
	Total  *int64
}

// List reads a page of records. total asks for the number of all that match.
func (l *Ledger) List(ctx context.Context, q store.Query, only register.Only, total bool) (Listed, error) {
	actor := authority.From(ctx)
	if err := mayAsk(actor, q.Noun, authority.Read); err != nil {
		return Listed{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx := l.DB.Look()
	q.Sight = store.SightOf(actor)
	rows, more, err := tx.List(ctx, q)
	if err != nil {
		return Listed{}, tooBroad(q.Noun, err)
	}
	page := Listed{Rows: rows, More: more}
	if total {
		n, err := tx.Total(ctx, q)
		if err != nil {
			return Listed{}, tooBroad(q.Noun, err)
		}
		page.Total = &n
	}
	page.Bodies, err = l.bodies(ctx, tx, q.Noun, rows, only)
	return page, err
}

// Lists reads the first pages of several lists of one noun. What their records name
// is looked up once for all.
func (l *Ledger) Lists(ctx context.Context, n *register.Noun, all []store.Query) ([]Listed, error) {
	actor := authority.From(ctx)
	if err := mayAsk(actor, n, authority.Read); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx, pages, rows := l.DB.Look(), make([]Listed, len(all)), []register.Row{}
	for i, q := range all {
		q.Sight = store.SightOf(actor)
		found, more, err := tx.List(ctx, q)
		if err != nil {
			return nil, tooBroad(n, err)
		}
		pages[i], rows = Listed{Rows: found, More: more}, append(rows, found...)
	}
	bodies, err := l.bodies(ctx, tx, n, rows, nil)
	if err != nil {
		return nil, err
	}
	for i := range pages {
		of := len(pages[i].Rows)
		pages[i].Bodies, bodies = bodies[:of:of], bodies[of:]
	}
	return pages, nil
}

func (l *Ledger) bodies(ctx context.Context, tx *store.Tx, n *register.Noun, rows []register.Row, only register.Only) ([][]byte, error) {
	wanted := map[string]map[string]bool{}
	for _, row := range rows {
		n.Mentions(row, wanted, only)
	}
	view, err := l.view(ctx, tx, wanted, only)
	if err != nil {
		return nil, err
	}
	bodies, space := make([][]byte, len(rows)), make([]byte, 0, len(rows)*2048)
	for i, row := range rows {
		start := len(space)
		space = n.Encode(space, row, view)
		bodies[i] = space[start:len(space):len(space)]
	}
	return bodies, nil
}

// tooBroad says which lists stay fast, to who asked for one that does not.
func tooBroad(n *register.Noun, err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	paths := make([]string, 0, len(n.Paths))
	for _, p := range n.Paths {
		paths = append(paths, p.String())
	}
	return fault.New(fault.QueryTooBroad, "This list took too long. These stay fast however many records there are: filter by what stands left of the arrow, sort by what stands right.").
		With("access_paths", paths).Because(err)
}

// Related reads the records with the given ids, as far as the reader sees them,
// each once and in the order of their ids.
func (l *Ledger) Related(ctx context.Context, n *register.Noun, ids []string) ([][]byte, error) {
	if len(ids) == 0 || !may(authority.From(ctx), n, authority.Read) {
		return [][]byte{}, nil
	}
	slices.Sort(ids)
	tx := l.DB.Look()
	rows, err := tx.Rows(ctx, n, slices.Compact(ids), store.SightOf(authority.From(ctx)))
	if err != nil {
		return nil, err
	}
	return l.bodies(ctx, tx, n, rows, nil)
}

// Children reads the records of n that name one of ids in field, up to each of one
// of them, in one query.
func (l *Ledger) Children(ctx context.Context, n *register.Noun, field *register.Field, ids []string, each int) ([]register.Row, [][]byte, error) {
	return l.brood(ctx, store.Brood{Noun: n, By: field, Parents: ids, Each: each})
}

func (l *Ledger) brood(ctx context.Context, b store.Brood) ([]register.Row, [][]byte, error) {
	if len(b.Parents) == 0 || !may(authority.From(ctx), b.Noun, authority.Read) {
		return nil, nil, nil
	}
	b.Sight = store.SightOf(authority.From(ctx))
	tx := l.DB.Look()
	rows, err := tx.Children(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	bodies, err := l.bodies(ctx, tx, b.Noun, rows, nil)
	return rows, bodies, err
}

// IDOf is the id that a name stands for; "" for a name of nothing that the
// reader sees. What cannot be a name is an error.
func (l *Ledger) IDOf(ctx context.Context, n *register.Noun, name string) (string, error) {
	parsed, err := store.ParseName(n, name)
	if err != nil {
		return "", err
	}
	if parsed.ID != "" {
		return parsed.ID, nil
	}
	row, err := l.DB.Look().Get(ctx, n, parsed, store.SightOf(authority.From(ctx)))
	if errors.Is(err, store.ErrNone) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return string(row[n.Field("id").Column]), nil
}

// RowsOf reads the rows with the given ids that the reader sees.
func (l *Ledger) RowsOf(ctx context.Context, n *register.Noun, ids []string) ([]register.Row, error) {
	if len(ids) == 0 || !may(authority.From(ctx), n, authority.Read) {
		return nil, nil
	}
	slices.Sort(ids)
	return l.DB.Look().Rows(ctx, n, slices.Compact(ids), store.SightOf(authority.From(ctx)))
}
