package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/store"
)

// SearchPage are the best hits of a search over everything.
type SearchPage struct {
	// Data are the hits, the best first.
	Data []SearchHit `json:"data"`
	// Page says how many are shown.
	Page SearchExtent `json:"page"`
	// RankedOf is how many hits were ranked: of each kind the newest 1,000.
	RankedOf int `json:"ranked_of"`
	// Truncated says whether some kind has more hits, older than those that were ranked.
	Truncated bool `json:"truncated"`
}

// SearchExtent says how many hits are shown.
type SearchExtent struct {
	// Limit is how many hits are shown at most.
	Limit int `json:"limit"`
	// HasMore says whether more were ranked than are shown.
	HasMore bool `json:"has_more"`
}

// SearchHit is a record that has the words.
type SearchHit struct {
	// Type is the noun.
	Type string `json:"type" example:"stakeholder"`
	// ID is the record's id.
	ID string `json:"id" format:"uuid"`
	// Ref is the record's ref.
	Ref string `json:"ref" example:"STK-7"`
	// Name is the record's title or name, null for a noun without one.
	Name *string `json:"name" extensions:"x-nullable" example:"Riverside Residents"`
	// URL leads to the record.
	URL string `json:"url"`
	// State is the record's state.
	State string `json:"state" example:"active"`
	// MatchedIn says where all the words stand: in the title, or also elsewhere in the text.
	MatchedIn string `json:"matched_in" enums:"text,title"`
	// WholeWord says whether the last word stands there whole, and not only as a beginning.
	WholeWord bool `json:"whole_word"`
	// UpdatedAt is when the record was last changed.
	UpdatedAt string `json:"updated_at" format:"date-time"`
}

// search looks for words in everything.
//
//	@ID				searchRecords
//	@Summary		Search over everything
//	@Description	Finds the records of all kinds that have every word, the last of which may be a beginning, as soon as the write that made them was answered. Of each kind the newest 1,000 hits are ranked: words in the title before those in the text, whole words before beginnings, then what changed last. Shows what the caller may see, of the kinds that the key may read.
//	@Tags			Search
//	@Param			q			query	string		true	"words to look for; the last one may be a beginning"	maxLength(400)
//	@Param			kinds		query	[]string	false	"only these nouns, such as stakeholder"		collectionFormat(csv)
//	@Param			collections	query	[]string	false	"only these collections, such as stakeholders"	collectionFormat(csv)
//	@Param			limit		query	int			false	"hits at most"	minimum(1)	maximum(200)	default(50)
//	@Success		200	{object}	SearchPage
//	@Router			/search [get]
func (s *server) search(c echo.Context) error {
	values, err := params(c, "q", "kinds", "collections", "limit")
	if err != nil {
		return err
	}
	limit, err := readLimit(values)
	if err != nil {
		return err
	}
	nouns, err := searchedNouns(values)
	if err != nil {
		return err
	}
	text := values.Get("q")
	if words := fold.Words(text); len(words) == 0 || len(words) > 20 || len(text) > 400 {
		return invalid("q", "q takes 1 to 20 words to look for, in at most 400 characters.")
	}
	found, err := s.ledger.Search(c.Request().Context(), text, nouns, limit)
	if err != nil {
		return err
	}
	page := SearchPage{Data: make([]SearchHit, 0, len(found.Hits)), Page: SearchExtent{limit, found.RankedOf > limit}, RankedOf: found.RankedOf, Truncated: found.Truncated}
	for _, h := range found.Hits {
		page.Data = append(page.Data, s.searchHit(h))
	}
	return s.send(c, http.StatusOK, page)
}

func (s *server) searchHit(h store.Hit) SearchHit {
	out := SearchHit{
		Type: h.Noun.Name, ID: h.ID, Ref: h.Noun.Ref(h.Num), Name: orNull(h.Title), URL: h.Noun.URL(s.ledger.Base, h.ID), State: h.State,
		MatchedIn: "text", WholeWord: h.Whole, UpdatedAt: h.UpdatedAt,
	}
	if h.InTitle {
		out.MatchedIn = "title"
	}
	return out
}

// searchedNouns reads which nouns are meant, by their names or their collections.
func searchedNouns(values url.Values) (nouns []*register.Noun, err error) {
	names := map[string]map[string]*register.Noun{"kinds": {}, "collections": {}}
	for _, n := range register.All() {
		if store.Searched(n) {
			names["kinds"][n.Name], names["collections"][n.Path] = n, n
		}
	}
	taken := map[*register.Noun]bool{}
	for _, parameter := range []string{"kinds", "collections"} {
		for _, name := range splitNames(strings.Join(values[parameter], ",")) {
			n := names[parameter][name]
			if n == nil {
				f := invalid(parameter, "%s takes what is searched: %s.", parameter, strings.Join(slices.Sorted(maps.Keys(names[parameter])), ", "))
				f.Fields[0].Code, f.Fields[0].Suggestion = "not_in_enum", fault.Nearest(name, slices.Sorted(maps.Keys(names[parameter])))
				return nil, f
			}
			if !taken[n] {
				taken[n], nouns = true, append(nouns, n)
			}
		}
	}
	return nouns, nil
}
