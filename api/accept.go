package api

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rapport/internal/fault"
)

// acceptable refuses a request that takes nothing we can give.
func acceptable(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if strings.HasSuffix(c.Request().URL.Path, "/content") || accepts(c.Request().Header.Values("Accept")) {
			return next(c)
		}
		return fault.New(fault.NotAcceptable, "Answers are application/json.").With("supported", []string{"application/json", "application/problem+json"})
	}
}

// others are the media types, or what they begin with, of answers that are no JSON.
var others = []string{"text/", "application/yaml", "application/x-ndjson", "application/ndjson", "application/octet-stream", "application/vnd.openxmlformats-", "image/"}

// accepts reports whether a header Accept lets any answer of ours through. A range
// with the quality 0 takes back what a wider one allows (RFC 9110, 12.4.2, 12.5.1).
func accepts(headers []string) bool {
	given := strings.ToLower(strings.Join(headers, ","))
	if strings.Trim(given, " ,\t") == "" {
		return true
	}
	json := map[string]float64{} // ranges that JSON falls under, with their qualities
	for part := range strings.SplitSeq(given, ",") {
		media, quality := mediaRange(part)
		for _, prefix := range others {
			if strings.HasPrefix(media, prefix) && quality > 0 {
				return true
			}
		}
		json[media] = quality
	}
	for _, media := range []string{"application/json", "application/problem+json"} {
		for _, r := range []string{media, "application/*", "*/*"} { // the narrowest decides
			if quality, said := json[r]; said {
				if quality > 0 {
					return true
				}
				break
			}
		}
	}
	return false
}

// mediaRange splits one range of a header Accept from its quality, which is 1 where
// it says none, and 0 where that is no number.
func mediaRange(part string) (media string, quality float64) {
	media, parameters, _ := strings.Cut(part, ";")
	quality = 1
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if strings.TrimSpace(name) == "q" {
			var err error
			if quality, err = strconv.ParseFloat(strings.TrimSpace(value), 64); err != nil || !(quality >= 0 && quality <= 1) {
				quality = 0
			}
		}
	}
	return strings.TrimSpace(media), quality
}
