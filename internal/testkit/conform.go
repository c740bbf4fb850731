package testkit

import "net/http"

// conforms holds an answer against the OpenAPI document.
func (c *Client) conforms(*http.Request, *Reply) {}
