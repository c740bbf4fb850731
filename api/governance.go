package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// governance answers whether matters end somewhere.
//
//	@ID			getGovernance
//	@Summary	Look at the ultimate escalation point
//	@Description	Who decides last, who stands in, and every red flag about the two and about the rungs below. Any key that reads may ask.
//	@Tags		Operations
//	@Success	200	{object}	ledger.Governance
//	@Router		/health/governance [get]
func (s *server) governance(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	g, err := s.ledger.Governance(c.Request().Context())
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, g)
}
