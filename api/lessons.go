package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
)

// suggestLessons answers the lessons that may help with a record.
//
//	@ID			listLessonSuggestions
//	@Summary	Suggest lessons for a record
//	@Description	The lessons in use that share tags, the category or words with a record, the best first, each with why: 3 for a tag, 2 for the category, 1 for a word of five letters or more, up to 5 words. The newest 1,000 published lessons are compared. Shows what the caller may see. Needs the scopes lessons:read and that of the record's collection.
//	@Tags		Register
//	@Param		for		query	string	true	"ref of the record, such as ISS-3"	maxLength(64)
//	@Param		limit	query	int		false	"lessons at most"	minimum(1)	maximum(200)	default(50)
//	@Success	200	{object}	ledger.Suggestions
//	@Router		/lessons/suggestions [get]
func (s *server) suggestLessons(c echo.Context) error {
	values, err := params(c, "for", "limit")
	if err != nil {
		return err
	}
	limit, err := readLimit(values)
	if err != nil {
		return err
	}
	ref := values.Get("for")
	if ref == "" || len(ref) > 64 {
		return invalid("for", "for takes the ref of a record, such as ISS-3.")
	}
	suggestions, err := s.ledger.SuggestLessons(c.Request().Context(), ref, limit)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return invalid("for", "for: there is no such record that lessons are suggested for, or none that you may see.")
	}
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, suggestions)
}
