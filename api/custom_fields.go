package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rapport/internal/register"
)

// customSchema describes the custom fields of a collection for builders of forms.
//
//	@ID				getCustomFieldSchema
//	@Summary		Read the schema of custom fields
//	@Description	JSON Schema of what is written under custom_fields of a collection's records: the fields in use, with labels as titles. Shows what the caller may see. Beside the standard words x-type is the declared type, x-target the collection to which references lead, and x-filterable whether lists are filtered by the field.
//	@Tags			Custom fields
//	@Param			collection	query	string	true	"the collection, such as stakeholders"
//	@Success		200	{object}	map[string]any
//	@Router			/custom-fields/schema [get]
func (s *server) customSchema(c echo.Context) error {
	values, err := params(c, "collection")
	if err != nil {
		return err
	}
	n, ctx := register.ByPath(values.Get("collection")), c.Request().Context()
	if n == nil || n.Field("custom_fields") == nil {
		return notInEnum("collection", values.Get("collection"), customised())
	}
	schema, err := s.ledger.CustomSchema(ctx, n)
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, schema)
}

// customised are the collections whose records have custom fields.
func customised() (paths []string) {
	for _, n := range register.All() {
		if n.Field("custom_fields") != nil {
			paths = append(paths, n.Path)
		}
	}
	return paths
}
