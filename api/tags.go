package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/fold"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/internal/store"
)

// TagPage is a page of tags.
type TagPage struct {
	// Data are the tags, in the order of the alphabet.
	Data []ledger.Tag `json:"data"`
	// Page says where the list goes on.
	Page pageInfo `json:"page"`
}

// listTags answers the tags that are used, with their counts.
//
//	@ID			listTags
//	@Summary	List the tags in use
//	@Description	The tags of one collection, or of all that the key may read, in the order of the alphabet. Every count is the caller's own: what the caller may not see is not counted. Case and marks do not matter; a tag is spelt as the newest record spells it.
//	@Tags		Tags
//	@Param		collection	query	string	false	"only of this one, such as issues"
//	@Param		limit		query	int		false	"how many at most"	minimum(1)	maximum(200)
//	@Param		cursor		query	string	false	"where to go on, from next_cursor"
//	@Success	200	{object}	TagPage
//	@Router		/tags [get]
func (s *server) listTags(c echo.Context) error {
	values, err := params(c, "collection", "limit", "cursor")
	if err != nil {
		return err
	}
	limit, after, err := s.readPage(values, "tag")
	if err != nil {
		return err
	}
	nouns, err := taggedNouns(c, values.Get("collection"))
	if err != nil {
		return err
	}
	list, more, err := s.ledger.Tags(c.Request().Context(), nouns, after, limit)
	if err != nil {
		return err
	}
	page := TagPage{Data: list, Page: pageInfo{Limit: limit, HasMore: more}}
	if more {
		s.goOn(c, &page.Page, values, "tag", fold.Fold(list[len(list)-1].Tag))
	}
	return s.send(c, http.StatusOK, page)
}

// taggedNouns are the nouns meant by a collection's name: all that the key may read
// where none is named.
func taggedNouns(c echo.Context, collection string) (nouns []*register.Noun, err error) {
	scopes := authority.From(c.Request().Context()).Scopes
	var names []string
	for _, n := range ledger.Tagged() {
		names = append(names, n.Path)
		if n.Path == collection || collection == "" && scopes.Allow(n.Area(), authority.Read) {
			nouns = append(nouns, n)
		}
	}
	switch {
	case collection != "" && len(nouns) == 0:
		f := invalid("collection", "collection is one of %s.", strings.Join(names, ", "))
		f.Fields[0].Code, f.Fields[0].Suggestion = "not_in_enum", fault.Nearest(collection, names)
		return nil, f
	case collection != "" && !scopes.Allow(nouns[0].Area(), authority.Read):
		return nil, ledger.OutOfScope(authority.From(c.Request().Context()), nouns[0].Area(), authority.Read)
	}
	return nouns, nil
}

// retagKind is the kind of job that calls a tag otherwise.
const retagKind = "retag"

// renameTag has a tag called otherwise.
//
//	@ID			renameTag
//	@Summary	Rename a tag
//	@Description	One job gives every record that has the tag the new word in its place: each record that you see and may change, with an entry of its own, closed ones too. The others keep it; the job's message counts those of them that you see. A word that is a tag already is a 409: merge then. Takes level 5, and the write scope of every collection concerned: name one where the key does not open all that it reads.
//	@Tags		Tags
//	@Param		tag				path	string				true	"the tag"
//	@Param		body			body	ledger.TagRename	true	"the new word"
//	@Param		Idempotency-Key	header	string				false	"a key of your own: the same request under it is carried out once"	maxLength(255)
//	@Param		Prefer			header	string				false	"wait=n, in seconds, at most 10"
//	@Success	202	{object}	Job
//	@Success	200	{object}	Job
//	@Router		/tags/{tag}/rename [post]
func (s *server) renameTag(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	var in ledger.TagRename
	if faults := register.Decode(body, &in); len(faults) > 0 {
		return faults.Err()
	}
	return s.askRetag(c, ledger.Retag{To: in.To}, in.Collection, "to", raw)
}

// mergeTag has a tag go into another.
//
//	@ID			mergeTag
//	@Summary	Merge a tag into another
//	@Description	As renaming, with a word that is a tag already: afterwards the records have that one alone. Takes level 5, and the write scope of every collection concerned: name one where the key does not open all that it reads.
//	@Tags		Tags
//	@Param		tag				path	string			true	"the tag that goes"
//	@Param		body			body	ledger.TagMerge	true	"the tag that stays"
//	@Param		Idempotency-Key	header	string			false	"a key of your own: the same request under it is carried out once"	maxLength(255)
//	@Param		Prefer			header	string			false	"wait=n, in seconds, at most 10"
//	@Success	202	{object}	Job
//	@Success	200	{object}	Job
//	@Router		/tags/{tag}/merge [post]
func (s *server) mergeTag(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	body, raw, err := readBody(c)
	if err != nil {
		return err
	}
	var in ledger.TagMerge
	if faults := register.Decode(body, &in); len(faults) > 0 {
		return faults.Err()
	}
	return s.askRetag(c, ledger.Retag{To: in.Into, Merge: true}, in.Collection, "into", raw)
}

func (s *server) askRetag(c echo.Context, r ledger.Retag, collection, member string, raw []byte) error {
	ask, err := asked(c, raw)
	if err != nil {
		return err
	}
	nouns, err := taggedNouns(c, collection)
	if err != nil {
		return asMember(err, "#/collection")
	}
	for _, n := range nouns {
		r.Collections = append(r.Collections, n.Path)
	}
	r.Tag = c.Param("tag")
	r.RequestID = ask.RequestID
	var j jobs.Job
	err = s.ledger.AskRetag(c.Request().Context(), r, member, func(ctx context.Context, tx *store.Tx) (err error) {
		o := jobs.Order{Kind: retagKind, Args: r, ResultURL: s.ledger.Base + "/tags"}
		if ask.IdempotencyKey != "" {
			o.UniqueKey = retagKind + ":" + ask.IdempotencyKey
		}
		if j, err = s.config.Jobs.Enqueue(ctx, tx, o); err != nil {
			return err
		}
		return sameRetag(j, r)
	})
	if err != nil {
		return err
	}
	return s.accepted(c, j, func() (any, error) {
		now, err := s.config.Jobs.Get(c.Request().Context(), j.ID)
		return s.job(c.Request().Context(), now), err
	})
}

// asMember turns the fault of a parameter into that of a member of the body.
func asMember(err error, pointer string) error {
	f := fault.Of(err)
	if f.Code != fault.InvalidParameter {
		return err
	}
	for i := range f.Fields {
		f.Fields[i].Parameter, f.Fields[i].Pointer = "", pointer
	}
	return fault.Fields(f.Fields).Err()
}

// sameRetag refuses an idempotency key that was sent with another wish.
func sameRetag(j jobs.Job, r ledger.Retag) error {
	var first ledger.Retag
	if err := (&jobs.Run{Job: j}).Arguments(&first); err != nil {
		return err
	}
	if first.Tag != r.Tag || first.To != r.To || first.Merge != r.Merge || !slices.Equal(first.Collections, r.Collections) {
		return fault.New(fault.IdempotencyKeyReused, "This Idempotency-Key was sent with another wish.")
	}
	return nil
}

// retag is the job behind renameTag and mergeTag.
func (s *server) retag(ctx context.Context, run *jobs.Run) error {
	var r ledger.Retag
	if err := run.Arguments(&r); err != nil {
		return err
	}
	return s.ledger.Retag(ctx, r, run.Done, run.Step)
}
