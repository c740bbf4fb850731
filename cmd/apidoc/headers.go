package main

// headers declares the headers that answers carry.
func (d *doc) headers() {
	text := func(about, example string) obj {
		return obj{"description": about, "schema": obj{"type": "string", "examples": []any{example}}}
	}
	d.components()["headers"] = obj{
		"X-Request-Id":        text("The request's id, as the log and the history have it.", exampleRequest),
		"ETag":                text("The version of what is shown, for If-Match and If-None-Match.", `"1"`),
		"Location":            text("Where the record is read.", "/api/v1/stakeholders/"+exampleID("stakeholder")),
		"Link":                text("Where the list goes on.", `</api/v1/stakeholders?limit=50&cursor=eyJ2Ijox>; rel="next"`),
		"Idempotent-Replayed": text("true where the answer is that of an earlier request under the same Idempotency-Key.", "true"),
		"Preference-Applied":  text("The preference that was followed.", "wait=10"),
		"RateLimit":           text("What is left of the quotas that the request counted towards, and after how many seconds all of it is there again.", `"default";r=588;t=2`),
		"RateLimit-Policy":    text("The quotas of a key: so many requests in so many seconds.", `"default";q=600;w=60, "write";q=120;w=60`),
		"Retry-After":         text("Seconds after which to try again.", "1"),
		"Content-Disposition": text("What the file is called.", `attachment; filename="stakeholders-2026-11-22.csv"`),
		"WWW-Authenticate":    text("How to say who is asking.", `Bearer realm="rapport"`),
	}
}

// headersOf names the headers of an answer of success.
func headersOf(m mark, status string) []string {
	names := []string{"X-Request-Id"}
	switch m.does {
	case "list", "listUnder":
		return append(names, "ETag", "Link")
	case "get":
		return append(names, "ETag")
	case "batch":
		return append(names, "Idempotent-Replayed")
	case "create", "createUnder", "upsert":
		return append(names, "ETag", "Location", "Idempotent-Replayed")
	case "comment", "attach":
		return append(names, "ETag", "Location", "Idempotent-Replayed")
	case "update", "restore", "transition":
		return append(names, "ETag", "Idempotent-Replayed")
	}
	if status == "201" || status == "202" {
		names = append(names, "Location")
	}
	return names
}
