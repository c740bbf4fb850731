package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/register"
	"rapport/internal/store"
)

// Operation is one change of a batch, as it would be asked for by itself.
type Operation struct {
	Op       string // create, update, upsert, transition, delete
	Name     string // the record to be changed
	External register.ExternalID
	Body     register.Body
	Move     Move
	Match    *Match
	Wrong    error // what is wrong with the operation as it was sent
}

// Outcome is what came of an operation.
type Outcome struct {
	ID, Ref string
	Version int
	Created bool
	Removed bool
	Token   string // by which the complainant follows a new complaint
	Refused *fault.Error
}

// BatchAnswer is what came of a batch. A replayed one has no outcomes: only its
// summary was kept.
type BatchAnswer struct {
	Outcomes  []Outcome `json:"-"`
	Succeeded int       `json:"succeeded"`
	Failed    int       `json:"failed"`
	Replayed  bool      `json:"-"`
}

// bundle is a batch at work.
type bundle struct {
	*Ledger
	tx    *store.Tx
	noun  *register.Noun
	actor authority.Actor
	asked Asked
	memo  *memo
}

// MayBatch asks whether the actor's key opens any change of n.
func (l *Ledger) MayBatch(ctx context.Context, n *register.Noun) error {
	a := authority.From(ctx)
	if may(a, n, authority.Act) || may(a, n, authority.Delete) {
		return nil
	}
	return mayAsk(a, n, authority.Write)
}

// Batch makes many changes of one noun's records in one commit, each by the same
// rules and with the same entry as by a request of its own, and each seen by the
// next. An atomic batch is made whole or not at all; in another, what is refused
// leaves the rest alone.
func (l *Ledger) Batch(ctx context.Context, n *register.Noun, operations []Operation, atomic bool, asked Asked) (BatchAnswer, error) {
	var answer BatchAnswer
	err := l.DB.WriteAlone(ctx, func(ctx context.Context, tx *store.Tx) error {
		answer = BatchAnswer{}
		b := &bundle{Ledger: l, tx: tx, noun: n, actor: authority.From(ctx), asked: asked}
		if !slices.ContainsFunc(operations, func(o Operation) bool { return o.Op != "create" }) {
			b.memo = newMemo() // what new records refer to stays as it is
		}
		if replayed, err := b.claim(ctx, &answer); err != nil || replayed {
			return err
		}
		if err := b.all(ctx, operations, atomic, &answer); err != nil {
			return err
		}
		if asked.ValidateOnly {
			return errDry
		}
		return b.keep(ctx, answer)
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return answer, err
}

func (b *bundle) all(ctx context.Context, operations []Operation, atomic bool, answer *BatchAnswer) error {
	if atomic {
		return b.together(ctx, operations, answer)
	}
	for i, op := range operations {
		out, err := b.apart(ctx, i, op)
		if err != nil {
			return err
		}
		answer.add(out)
	}
	return nil
}

func (a *BatchAnswer) add(out Outcome) {
	a.Outcomes = append(a.Outcomes, out)
	if out.Refused != nil {
		a.Failed++
		return
	}
	a.Succeeded++
}

// together makes all operations or fails. What is wrong with the bodies of further
// ones is told as well, as long as none that failed had written anything.
func (b *bundle) together(ctx context.Context, operations []Operation, answer *BatchAnswer) error {
	var first *fault.Error
	for i, op := range operations {
		c := b.change(op)
		err := b.carryOut(ctx, c, op)
		if err == nil {
			answer.add(b.outcome(c))
			continue
		}
		f := fault.Of(err)
		if grave(f) {
			return err
		}
		told := inBatch(i, f)
		if first == nil {
			first = told
		} else {
			first.Fields = join(first.Fields, told.Fields)
		}
		if c.entry != "" || f.Code != fault.ValidationFailed && f.Code != fault.NotFound && f.Code != fault.Gone {
			break
		}
	}
	if first == nil {
		return nil
	}
	return first
}

func join(faults, more fault.Fields) fault.Fields {
	for _, f := range more {
		faults.Add(f)
	}
	return faults
}

// apart makes one operation in a savepoint of its own.
func (b *bundle) apart(ctx context.Context, i int, op Operation) (Outcome, error) {
	c := b.change(op)
	failed, lost := b.tx.Try(ctx, func(ctx context.Context) error { return b.carryOut(ctx, c, op) })
	if lost != nil {
		return Outcome{}, lost
	}
	if failed == nil {
		return b.outcome(c), nil
	}
	f := fault.Of(failed)
	if grave(f) {
		return Outcome{}, failed
	}
	return Outcome{Refused: placed(i, f)}, nil
}

func (b *bundle) change(op Operation) *change {
	asked := b.asked
	asked.Match, asked.IdempotencyKey = op.Match, ""
	return &change{Ledger: b.Ledger, tx: b.tx, noun: b.noun, actor: b.actor, asked: asked, at: b.at(), memo: b.memo}
}

// verbs are what a key must open for an operation.
var verbs = map[string]authority.Verb{
	"create": authority.Write, "update": authority.Write, "upsert": authority.Write, "transition": authority.Act, "delete": authority.Delete,
}

func (b *bundle) carryOut(ctx context.Context, c *change, op Operation) error {
	if op.Wrong != nil {
		return op.Wrong
	}
	if err := mayAsk(b.actor, b.noun, verbs[op.Op]); err != nil {
		if op.Name == "" {
			return err
		}
		return b.hiddenIn(ctx, b.tx, b.noun, op.Name, err)
	}
	switch op.Op {
	case "create":
		c.fresh(b.noun)
		if err := c.create(ctx, op.Body); err != nil {
			return err
		}
		if b.memo != nil {
			b.memo.learn(b.noun, c.rec)
		}
		return c.track(ctx)
	case "update":
		return c.updateNamed(ctx, b.noun, op.Name, op.Body)
	case "upsert":
		return c.upsert(ctx, b.noun, op.External, op.Body)
	case "transition":
		return c.moveNamed(ctx, b.noun, op.Name, op.Move)
	default:
		return c.removeNamed(ctx, b.noun, op.Name)
	}
}

func (b *bundle) outcome(c *change) Outcome {
	m := c.rec.Meta()
	return Outcome{
		ID: m.ID, Ref: b.noun.Ref([]byte(strconv.FormatInt(m.Num, 10))), Version: m.Version,
		Created: c.before == nil, Removed: m.DeletedAt != "", Token: c.token,
	}
}

// placed says of an operation's fault where in the batch it stands.
func placed(i int, f *fault.Error) *fault.Error {
	out, at := *f, "#/operations/"+strconv.Itoa(i)
	out.Fields = slices.Clone(f.Fields)
	for j, field := range out.Fields {
		if rest, found := strings.CutPrefix(field.Pointer, "#"); found && !strings.HasPrefix(field.Pointer, at) {
			out.Fields[j].Pointer = at + "/body" + rest
		}
	}
	if len(out.Fields) == 0 {
		out.Fields = []fault.Field{{Pointer: at, Code: strings.ReplaceAll(string(f.Code), "-", "_"), Detail: f.Detail}}
	}
	return &out
}

// inBatch is the refusal of an atomic batch for what is wrong with one operation: the
// request as a whole breaks a rule there. What the operation by itself would be
// answered with stands in the params, under problem.
func inBatch(i int, f *fault.Error) *fault.Error {
	if f.Code == fault.ValidationFailed {
		return placed(i, f)
	}
	at, problem := "#/operations/"+strconv.Itoa(i), map[string]any{"code": f.Code}
	field := fault.Field{Pointer: at, Code: "conflicts_with", Detail: f.Detail, Params: map[string]any{"problem": problem}}
	maps.Copy(problem, f.Facts)
	switch f.Code {
	case fault.NotFound, fault.Gone: // the path of the request was right
		field.Pointer, field.Code, field.Params = at+"/id", "reference_not_found", nil
	case fault.InvalidTransition:
		field.Code = "not_allowed_in_state"
	case fault.Duplicate:
		field.Code = "duplicate"
	}
	return fault.Of(fault.Fields{field}.Err())
}

// claim takes the batch's idempotency key; replayed is true where the batch was
// made before and its summary is the answer.
func (b *bundle) claim(ctx context.Context, a *BatchAnswer) (replayed bool, err error) {
	if b.asked.IdempotencyKey == "" || b.asked.ValidateOnly {
		return false, nil
	}
	now := b.at()
	kept, err := b.tx.Claim(ctx, b.asked.IdempotencyKey, b.asked.Fingerprint, now, register.At(now.Time().Add(-remembered)))
	if err != nil || kept == nil {
		return false, err
	}
	if kept.Fingerprint != b.asked.Fingerprint {
		return false, fault.New(fault.IdempotencyKeyReused, "This Idempotency-Key was used with another body.")
	}
	a.Replayed = true
	return true, json.Unmarshal(kept.Body, a)
}

// keep stores the batch's summary under its idempotency key.
func (b *bundle) keep(ctx context.Context, a BatchAnswer) error {
	if b.asked.IdempotencyKey == "" {
		return nil
	}
	summary, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return b.tx.Keep(ctx, b.asked.IdempotencyKey, b.at(), store.Answer{Fingerprint: b.asked.Fingerprint, Status: changed, Body: summary, Kind: b.noun.Name})
}
