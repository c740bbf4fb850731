package main

import (
	"fmt"
	"strings"
	"text/template"

	"rapport/internal/authority"
	"rapport/internal/register"
)

// about is what the annotations of one noun say.
type about struct {
	*register.Noun
	Plural, Many, One, An, Tag     string
	Made                           string // the schema of the answer to a creation
	Filters                        []parameter
	Words                          string   // the fields that q looks into
	Parents                        []*about // of a child noun
	By                             string   // of a parent: the field that names it
	May, MayEnter, MayAlter        string
	MayRemove, MayRestore, MayMove string
	MayBatch                       string
	External                       bool // other systems have names for its records
	Cards, Days                    bool // who can be reached has a card, what falls due a day
	Batch                          bool // served by all whose records need no answer of their own
}

// describe gathers what the annotations of n say. made is the schema of the answer
// to a creation.
func describe(n *register.Noun, docs func(*register.Field) string, made string) *about {
	a := &about{
		Noun: n, Made: made, Plural: plural(n), Many: spoken(n.Plural), One: spoken(n.Name), An: article(n.Name), Tag: tagOf(n),
		Filters: filters(n, docs), Words: searched(n),
	}
	scope := func(verb authority.Verb) string {
		return " The key needs the scope " + n.Area() + ":" + string(verb) + "."
	}
	a.May = "Shows what the caller may see." + scope(authority.Read)
	a.MayEnter = least(n, n.Levels.Create) + scope(authority.Write)
	a.MayAlter = least(n, n.Levels.Update) + scope(authority.Write)
	a.MayRemove = least(n, n.Levels.Remove) + scope(authority.Delete)
	a.MayRestore = least(n, n.Levels.Restore) + scope(authority.Delete)
	a.MayMove = "Each transition has its least level; the list of transitions tells it for this record." + scope(authority.Act)
	a.Batch, a.External = n != register.APIKeys, n.Field("external_ids") != nil
	a.Cards, a.Days = n.Field("channels") != nil, n.Field("due_on") != nil
	a.MayBatch = fmt.Sprintf(" The key needs the scope %[1]s:write, for transitions %[1]s:act, to remove %[1]s:delete.", n.Area())
	if n.Platform {
		a.MayMove = least(n, authority.None) + scope(authority.Act)
	}
	for _, by := range n.Under {
		parent := register.ByName(by.Target)
		a.Parents = append(a.Parents, &about{Noun: parent, One: spoken(parent.Name), An: article(parent.Name), By: by.Name})
	}
	return a
}

// least says who may do what takes the level.
func least(n *register.Noun, level authority.Level) string {
	switch {
	case n.Platform:
		return "Takes level 7 or the role admin."
	case level == authority.None:
		return "Any person may, and a service key."
	}
	return fmt.Sprintf("Takes level %d, unless an authority rule says otherwise.", level)
}

// brief is a summary, cut to what a summary may hold.
func brief(words ...string) string {
	s := strings.Join(words, "")
	for _, shorter := range []string{"an ", "a ", "the "} {
		if len(s) > 50 {
			s = strings.Replace(s, " "+shorter, " ", 1)
		}
	}
	if len(s) > 50 {
		s = s[:50]
	}
	return s
}

// does tells the post-step which of a noun's operations this is.
func does(noun, what string) string {
	return fmt.Sprintf(`//	@x-rapport	{"noun":%q,"does":%q}`, noun, what)
}

var operations = template.Must(template.New("").Funcs(template.FuncMap{"brief": brief, "does": does}).Parse(`
{{define "changes"}}
//	@Param	If-Match	header	string	false	"the version you saw, in quotes; another one answers 412"
//	@Param	validate_only	query	bool	false	"run all checks and change nothing"
{{- end}}
{{define "once"}}
//	@Param	Idempotency-Key	header	string	false	"a key of your own: the same request under it is carried out once"	maxLength(255)
{{- end}}
{{define "fields"}}
//	@Param	fields	query	[]string	false	"the members to send, with one level into references as in owner.name; id and version always come"	collectionFormat(csv)
{{- end}}
{{define "id"}}
//	@Param	id	path	string	true	"the id or the ref"	maxLength(64)
{{- end}}
{{define "external"}}
//	@Param	system	path	string	true	"the other system's short name"	maxLength(60)
//	@Param	key	path	string	true	"the record's key there"	maxLength(200)
{{- end}}
{{define "pages"}}
//	@Param	limit	query	int	false	"how many at most"	minimum(1)	maximum(200)	default(50)
//	@Param	cursor	query	string	false	"where to go on, from next_cursor or prev_cursor"
{{- end}}
{{define "pretty"}}
//	@Param	pretty	query	bool	false	"indent the answer"
{{- end}}
{{define "conditions"}}
//	@Param	q	query	string	false	"words to look for{{with .Words}} in {{.}}{{end}}; the last one may be a beginning"
//	@Param	deleted	query	string	false	"whether removed records count"	extensions(x-enum=DeletedFilter)	default(exclude)
//	@Param	tz	query	string	false	"the IANA zone in which dates of filters are read"
{{- range .Filters}}
//	@Param	{{.Name}}	query	{{.Type}}	false	"{{.Doc}}"	{{.Attributes}}
{{- end}}{{template "pretty"}}
{{- end}}
{{define "filters"}}
{{- template "pages" .}}
//	@Param	include_total	query	bool	false	"count all records that match"
//	@Param	sort	query	string	false	"the order; - before a name turns it round"	extensions(x-enum={{.Type}}Sort)
//	@Param	include	query	[]string	false	"related records to send along, at most 5"	collectionFormat(csv)	extensions(x-enum={{.Type}}Include)
{{- template "fields"}}
//	@Param	q	query	string	false	"words to look for{{with .Words}} in {{.}}{{end}}; the last one may be a beginning"
//	@Param	deleted	query	string	false	"whether removed records are listed"	extensions(x-enum=DeletedFilter)	default(exclude)
//	@Param	view	query	string	false	"the slug of a view to load; what the request says itself overrides it"
//	@Param	tz	query	string	false	"the IANA zone in which dates of filters are read"
{{- range .Filters}}
//	@Param	{{.Name}}	query	{{.Type}}	false	"{{.Doc}}"	{{.Attributes}}
{{- end}}{{template "pretty"}}
{{- end}}

//	@ID	list{{.Plural}}
//	@Summary	{{brief "List " .Many}}
//	@Description	{{.Doc}} Filters are joined by and; a comma between values means any of them. A relation's fields filter too, as in owner.name=Ana{{if .External}}, and so do custom fields that are declared filterable, as in custom_fields.region=north{{end}}. {{.May}}
//	@Tags	{{.Tag}}
{{- template "filters" .}}
//	@Success	200	{object}	{{.Type}}Page
//	@Router	/{{.Path}} [get]
{{does .Name "list"}}
func _() {}

//	@ID	aggregate{{.Plural}}
//	@Summary	{{brief "Count " .Many " in groups"}}
//	@Description	Counts the records that match the filters by up to three dimensions, and sums or averages whole numbers over each group. Dimensions are fields of words, references, numbers and truths, and parts of time: received_at.month, due_on.week. At most 10,000 groups. {{.May}}
//	@Tags	{{.Tag}}
//	@Param	group_by	query	[]string	true	"one to three dimensions"	collectionFormat(csv)	minItems(1)	maxItems(3)
//	@Param	metrics	query	[]string	false	"count, sum(field) or avg(field); count without it"	collectionFormat(csv)
{{- template "conditions" .}}
//	@Success	200	{object}	Aggregate
//	@Router	/{{.Path}}/aggregate [get]
{{does .Name "aggregate"}}
func _() {}

//	@ID	export{{.Plural}}
//	@Summary	{{brief "Take " .Many " as a file"}}
//	@Description	All records that match, as a file{{if not .Platform}} that an import takes back, but for xlsx{{if .Cards}} and vcard{{end}}{{if .Days}} and ics{{end}}{{end}}: csv for programs, csv-excel with a byte-order mark and with formulas made harmless, ndjson with a record a line; xlsx is a workbook to be looked at, in which numbers, days and times (UTC) are such, no text is a formula, and a cell of more than 32,767 characters ends with ….{{if .Cards}} vcard is a card of each for address books (RFC 6350), with name, ways to reach them, website, language and tags; no import takes it back.{{end}}{{if .Days}} ics has the day on which each is due, for calendars (RFC 5545).{{end}} Relations are named by their refs. The file is sent as it is read, in the order of entry unless sort says otherwise; what the caller may not see is not in it. A file of personal data is noted in the history of who took it. {{.May}} And exports:read.
//	@Tags	{{.Tag}}
//	@Produce	text/csv,application/x-ndjson,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet{{if .Cards}},text/vcard{{end}}{{if .Days}},text/calendar{{end}}
//	@Param	format	query	string	false	"the form of the file"	Enums(csv,csv-excel,xlsx,ndjson{{if .Cards}},vcard{{end}}{{if .Days}},ics{{end}})	default(csv)
//	@Param	fields	query	[]string	false	"only these columns, behind id, ref and version; a relation by its name, or by its id as in owner_id"	collectionFormat(csv)
//	@Param	sort	query	string	false	"the order; - before a name turns it round"	extensions(x-enum={{.Type}}Sort)
{{- template "conditions" .}}
//	@Success	200	{string}	string
//	@Router	/{{.Path}}/export [get]
{{does .Name "export"}}
func _() {}

//	@ID	list{{.Type}}Board
//	@Summary	{{brief "Read a board of " .Many}}
//	@Description	A whole kanban in one call: a column per state, or per value of another field of words, with its total and its first records. {{.May}}
//	@Tags	{{.Tag}}
//	@Param	group_by	query	string	false	"the field whose values are the columns; state without it"
//	@Param	limit	query	int	false	"how many records a column shows at most"	minimum(1)	maximum(50)	default(20)
//	@Param	sort	query	string	false	"the order within a column; - before a name turns it round"	extensions(x-enum={{.Type}}Sort)
//	@Param	include	query	string	false	"transitions sends along what each record may do next"	enums(transitions)
{{- template "conditions" .}}
//	@Success	200	{object}	{{.Type}}Board
//	@Router	/{{.Path}}/board [get]
{{does .Name "board"}}
func _() {}

{{if .Alike}}
//	@ID	list{{.Type}}Duplicates
//	@Summary	{{brief "Find " .Many " that may be one"}}
//	@Description	Pairs of records that may be one, with how surely and why. The walk goes from the record entered last to the first; of each it tells the surest, at most five, of those that were entered before it. Compared are values that few share, such as e-mail addresses and telephone numbers, and names, whatever the order of their words and without legal forms: names near to each other are found where they differ in one word, which in a name of two has to sound alike. A page ends when it is full or after a second and a half: has_more says that records are left, even if it holds no pair. With min_score from 0.95 on only what is equal is looked for, which is many times faster. {{.May}}
//	@Tags	{{.Tag}}
//	@Param	min_score	query	number	false	"pairs from this score on"	minimum(0)	maximum(1)	default(0.8)
{{- template "pages"}}{{template "pretty"}}
//	@Success	200	{object}	DuplicatePage
//	@Router	/{{.Path}}/duplicates [get]
{{does .Name "duplicates"}}
func _() {}

//	@ID	get{{.Type}}Duplicates
//	@Summary	{{brief "Find what may be the same as " .An}}
//	@Description	The records that may be the same as this one, the surest first, at most five: those that share a value few have, and those whose names are near. Nothing is refused on account of a name that is only near: look here after entering a record, or enter it with validate_only first. {{.May}}
//	@Tags	{{.Tag}}
{{- template "id"}}
//	@Param	min_score	query	number	false	"candidates from this score on"	minimum(0)	maximum(1)	default(0.8)
{{- template "pretty"}}
//	@Success	200	{object}	DuplicateList
//	@Router	/{{.Path}}/{id}/duplicates [get]
{{does .Name "duplicatesOf"}}
func _() {}
{{end}}
//	@ID	search{{.Plural}}
//	@Summary	{{brief "Search " .Many " by a filter"}}
//	@Description	As the list of {{.Many}}, with the filter as JSON: and, or, not over the same comparisons, and the same cursors. What is wrong with the filter is told at its nodes. {{.May}}
//	@Tags	{{.Tag}}
//	@Param	body	body	ListSearch	true	"the search"
{{- template "pretty"}}
//	@Success	200	{object}	{{.Type}}Page
//	@Router	/{{.Path}}/search [post]
{{does .Name "search"}}
func _() {}

{{if not .Given}}
//	@ID	create{{.Type}}
//	@Summary	{{brief "Enter " .An}}
//	@Description	Enters a record in the state {{.Flow.Start}}. {{.MayEnter}} Writes the event {{.Name}}.created.
//	@Tags	{{.Tag}}
//	@Param	body	body	{{.Type}}Create	true	"the new record"
{{- template "once"}}
//	@Param	validate_only	query	bool	false	"run all checks and change nothing"
//	@Param	allow_duplicate	query	bool	false	"enter it although one like it stands; duplicate_reason says why"
{{- template "pretty"}}
//	@Success	201	{object}	{{.Made}}
//	@Router	/{{.Path}} [post]
{{does .Name "create"}}
func _() {}
{{end}}

{{if .Batch}}
//	@ID	batch{{.Plural}}
//	@Summary	{{brief "Make many changes of " .Many}}
//	@Description	At most 200 operations in one commit, each by the rules of the request for it alone, each seeing what those before it did. The body of create is {{.An}} as {{.Type}}Create has it, of update {{.Type}}Patch, of upsert either, of transition {{.Type}}Transition. An atomic batch is made whole or not at all, and answers 200; its faults point into #/operations. Another makes what it can and answers 207. The events are those of the single changes.{{.MayBatch}}
//	@Tags	{{.Tag}}
//	@Param	body	body	BatchRequest	true	"the changes"
{{- template "once"}}
//	@Param	validate_only	query	bool	false	"run all checks and change nothing"
//	@Param	allow_duplicate	query	bool	false	"enter it although one like it stands; duplicate_reason says why"
{{- template "pretty"}}
//	@Success	200	{object}	BatchAnswer
//	@Success	207	{object}	BatchAnswer
//	@Router	/{{.Path}}/batch [post]
{{does .Name "batch"}}
func _() {}
{{end}}
//	@ID	get{{.Type}}
//	@Summary	{{brief "Read " .An}}
//	@Description	{{.May}} With include the answer has the member included beside those of the record. With version it is the record as it stood then: what is derived from other records, and what those are called, is that of now, and personal data that was erased stays absent.
//	@Tags	{{.Tag}}
{{- template "id"}}
//	@Param	include	query	[]string	false	"related records to send along, at most 5"	collectionFormat(csv)	extensions(x-enum={{.Type}}Include)
{{- template "fields"}}
//	@Param	version	query	int	false	"an earlier version, instead of the one that stands"	minimum(1)
//	@Param	If-None-Match	header	string	false	"the version you have; 304 if it still stands"
{{- template "pretty"}}
//	@Success	200	{object}	{{.Type}}
//	@Router	/{{.Path}}/{id} [get]
{{does .Name "get"}}
func _() {}

{{if .External}}
//	@ID	get{{.Type}}ByExternalID
//	@Summary	{{brief "Read " .An " by another's id"}}
//	@Description	Finds the record that another system calls so. {{.May}}
//	@Tags	{{.Tag}}
{{- template "external"}}
//	@Param	include	query	[]string	false	"related records to send along, at most 5"	collectionFormat(csv)	extensions(x-enum={{.Type}}Include)
//	@Param	If-None-Match	header	string	false	"the version you have; 304 if it still stands"
{{- template "pretty"}}
//	@Success	200	{object}	{{.Type}}
//	@Router	/{{.Path}}/by-external-id/{system}/{key} [get]
{{does .Name "get"}}
func _() {}

//	@ID	upsert{{.Type}}
//	@Summary	{{brief "Enter or change " .An}}
//	@Description	Changes the record that another system calls so, as PATCH of its own path does, or enters it if there is none. The external id of the path is written with it. With If-None-Match: * a record that is there answers 412. {{.MayEnter}}
//	@Tags	{{.Tag}}
//	@Accept	json,application/merge-patch+json
{{- template "external"}}
//	@Param	body	body	{{.Type}}Upsert	true	"the record, or only what is to change"
//	@Param	If-None-Match	header	string	false	"*: only if there is none yet"
//	@Param	allow_duplicate	query	bool	false	"enter it although one like it stands; duplicate_reason says why"
{{- template "changes"}}{{template "once"}}{{template "pretty"}}
//	@Success	200	{object}	{{.Type}}
//	@Success	201	{object}	{{.Made}}
//	@Router	/{{.Path}}/by-external-id/{system}/{key} [patch]
{{does .Name "upsert"}}
func _() {}
{{end}}
//	@ID	update{{.Type}}
//	@Summary	{{brief "Change " .An}}
//	@Description	What is left out stays, null empties, lists are replaced whole. {{.MayAlter}} Writes the event {{.Name}}.updated, unless nothing changes.
//	@Tags	{{.Tag}}
//	@Accept	json,application/merge-patch+json
{{- template "id"}}
//	@Param	body	body	{{.Type}}Patch	true	"only what is to change"
{{- template "changes"}}{{template "once"}}{{template "pretty"}}
//	@Success	200	{object}	{{.Type}}
//	@Router	/{{.Path}}/{id} [patch]
{{does .Name "update"}}
func _() {}

{{if not .Given}}
//	@ID	remove{{.Type}}
//	@Summary	{{brief "Remove " .An}}
//	@Description	{{if .Retire}}The record is never removed: it makes the transition {{.Retire}}, unless it did already. {{.MayRemove}} Writes its event.{{else}}The record is set aside, not lost: it answers 410 and can be restored. Refused with 409 while others refer to it. {{.MayRemove}} Writes the event {{.Name}}.deleted.{{end}}
//	@Tags	{{.Tag}}
{{- template "id"}}{{template "changes"}}{{template "pretty"}}
//	@Success	204
//	@Router	/{{.Path}}/{id} [delete]
{{does .Name "remove"}}
func _() {}

//	@ID	restore{{.Type}}
//	@Summary	{{brief "Restore " .An}}
//	@Description	{{if .Retire}}Takes the record into use again.{{else}}Takes a removed record back as it was.{{end}} Refused with 409 while a record that it refers to is removed itself. An empty object is taken for no body. {{.MayRestore}} Writes the event {{.Name}}.restored.
//	@Tags	{{.Tag}}
{{- template "id"}}{{template "changes"}}{{template "once"}}{{template "pretty"}}
//	@Success	200	{object}	{{.Type}}
//	@Router	/{{.Path}}/{id}/restore [post]
{{does .Name "restore"}}
func _() {}
{{end}}
{{if .Moves}}
//	@ID	list{{.Type}}Transitions
//	@Summary	{{brief "List the transitions of " .An}}
//	@Description	Every transition out of the present state: who may make it, which fields it fills, and all that stands in its way. {{.May}}
//	@Tags	{{.Tag}}
{{- template "id"}}{{template "pretty"}}
//	@Success	200	{object}	TransitionList
//	@Router	/{{.Path}}/{id}/transitions [get]
{{does .Name "transitions"}}
func _() {}

//	@ID	transition{{.Type}}
//	@Summary	{{brief "Take " .An " along its workflow"}}
//	@Description	Makes one transition, filling its fields on the way. {{.MayMove}} Refused with 409 and all blockers at once where something stands in its way. Writes the event {{.Name}}.state_changed.
//	@Tags	{{.Tag}}
{{- template "id"}}
//	@Param	body	body	{{.Type}}Transition	true	"the transition"
{{- template "changes"}}{{template "once"}}{{template "pretty"}}
//	@Success	200	{object}	{{.Type}}
//	@Router	/{{.Path}}/{id}/transitions [post]
{{does .Name "transition"}}
func _() {}
{{end}}
//	@ID	get{{.Type}}Timeline
//	@Summary	{{brief "Read the timeline of " .An}}
//	@Description	What happened to the record and around it, newest first, for people: its own history, and the interactions, issues and complaints of a stakeholder, the escalations of an issue or a complaint, as far as you see them. {{.May}}
//	@Tags	{{.Tag}}
{{- template "id"}}{{template "pages"}}
//	@Param	kinds	query	[]string	false	"only these kinds of items"	collectionFormat(csv)	extensions(x-enum=TimelineKind)
{{- template "pretty"}}
//	@Success	200	{object}	TimelinePage
//	@Router	/{{.Path}}/{id}/timeline [get]
{{does .Name "timeline"}}
func _() {}

//	@ID	list{{.Type}}Changes
//	@Summary	{{brief "List the changes of " .An}}
//	@Description	The audit trail, newest first: who changed what, when and why. {{.May}}
//	@Tags	{{.Tag}}
{{- template "id"}}{{template "pages"}}{{template "pretty"}}
//	@Success	200	{object}	ChangePage
//	@Router	/{{.Path}}/{id}/changes [get]
{{does .Name "changes"}}
func _() {}

//	@ID	list{{.Type}}Comments
//	@Summary	{{brief "List the comments on " .An}}
//	@Description	What was said about the record, the oldest first. A comment is seen where its record is seen. One that was taken back after a while is a stub: its place without its text. {{.May}}
//	@Tags	Comments
{{- template "id"}}{{template "pages"}}{{template "pretty"}}
//	@Success	200	{object}	CommentPage
//	@Router	/{{.Path}}/{id}/comments [get]
{{does .Name "comments"}}
func _() {}

//	@ID	create{{.Type}}Comment
//	@Summary	{{brief "Comment on " .An}}
//	@Description	{{if .Platform}}Takes level 7 or the role admin.{{else}}Whoever sees the record may, whatever the level, and a service key; on a closed record too.{{end}} The key needs the scope {{.Area}}:write. @handle mentions a person, who is notified; a person who may not see the record cannot be mentioned. Writes the event {{.Name}}.commented, which changes no version.
//	@Tags	Comments
{{- template "id"}}
//	@Param	body	body	ledger.CommentInput	true	"what to say"
//	@Param	validate_only	query	bool	false	"run all checks and change nothing"
{{- template "once"}}{{template "pretty"}}
//	@Success	201	{object}	ledger.Comment
//	@Success	200	{object}	ledger.Comment
//	@Router	/{{.Path}}/{id}/comments [post]
{{does .Name "comment"}}
func _() {}

//	@ID	list{{.Type}}Attachments
//	@Summary	{{brief "List the files beside " .An}}
//	@Description	The files that the caller may see, the oldest first, at most 500. A file more sensitive than its record is seen by those who would see a record as sensitive. {{.May}}
//	@Tags	Attachments
{{- template "id"}}{{template "pretty"}}
//	@Success	200	{object}	AttachmentList
//	@Router	/{{.Path}}/{id}/attachments [get]
{{does .Name "attachments"}}
func _() {}

//	@ID	create{{.Type}}Attachment
//	@Summary	{{brief "Attach a file to " .An}}
//	@Description	One file as multipart/form-data, of up to 25 MiB unless the installation says otherwise. Its media type is told by its content. The same bytes are kept once. Whoever may change the record may attach, and who entered it; not to a closed one. The key needs the scope {{.Area}}:write. Writes the event {{.Name}}.attachment_added, which changes no version.
//	@Tags	Attachments
//	@Accept	mpfd
{{- template "id"}}
//	@Param	file	formData	file	true	"the file"
//	@Param	description	formData	string	false	"what it is"
//	@Param	sensitivity	formData	string	false	"how far it may be seen, where that is less far than its record"	Enums(public,internal,confidential,restricted)
{{- template "once"}}{{template "pretty"}}
//	@Success	201	{object}	ledger.Attachment
//	@Router	/{{.Path}}/{id}/attachments [post]
{{does .Name "attach"}}
func _() {}
{{range .Parents}}
//	@ID	list{{.Type}}{{$.Plural}}
//	@Summary	{{brief "List the " $.Many " of " .An}}
//	@Description	As the list of {{$.Many}}, for one {{.One}}. {{$.May}}
//	@Tags	{{$.Tag}}
//	@Param	id	path	string	true	"the id or the ref of the {{.One}}"	maxLength(64)
{{- template "filters" $}}
//	@Success	200	{object}	{{$.Type}}Page
//	@Router	/{{.Path}}/{id}/{{$.Path}} [get]
{{does $.Name "listUnder"}}
func _() {}

//	@ID	create{{.Type}}{{$.Type}}
//	@Summary	{{brief "Enter " $.An " of " .An}}
//	@Description	As entering {{$.An}}, with {{.By}} given by the path. {{$.MayEnter}} Writes the event {{$.Name}}.created.
//	@Tags	{{$.Tag}}
//	@Param	id	path	string	true	"the id or the ref of the {{.One}}"	maxLength(64)
//	@Param	body	body	{{.Type}}{{$.Type}}Create	true	"the new record"
{{- template "once"}}
//	@Param	validate_only	query	bool	false	"run all checks and change nothing"
//	@Param	allow_duplicate	query	bool	false	"enter it although one like it stands; duplicate_reason says why"
{{- template "pretty"}}
//	@Success	201	{object}	{{$.Made}}
//	@Router	/{{.Path}}/{id}/{{$.Path}} [post]
{{does $.Name "createUnder"}}
func _() {}
{{end}}`))
