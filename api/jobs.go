package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/jobs"
	"rapport/internal/ledger"
	"rapport/internal/store"
)

// Job is something that is done beside the requests.
type Job struct {
	// ID is the job's id.
	ID string `json:"id" format:"uuid"`
	// URL leads to the job.
	URL string `json:"url"`
	// Kind says what is done.
	Kind string `json:"kind" example:"import"`
	// State is how far it has come.
	State string `json:"state" enums:"queued,running,succeeded,failed,cancelled"`
	// Progress says how much of it is done.
	Progress JobProgress `json:"progress"`
	// ResultURL leads to what came of it, null if it leads nowhere.
	ResultURL *string `json:"result_url" extensions:"x-nullable"`
	// ErrorsURL leads to what was wrong with its parts, null if it leads nowhere.
	ErrorsURL *string `json:"errors_url" extensions:"x-nullable"`
	// Problem is why it failed, null unless it did.
	Problem *ProblemDetails `json:"problem" extensions:"x-nullable"`
	// CreatedAt is when it was asked for.
	CreatedAt string `json:"created_at" format:"date-time"`
	// StartedAt is when it was first begun, null before that.
	StartedAt *string `json:"started_at" format:"date-time" extensions:"x-nullable"`
	// FinishedAt is when it ended, null before that.
	FinishedAt *string `json:"finished_at" format:"date-time" extensions:"x-nullable"`
	// ExpiresAt is until when it is kept, null before it ended.
	ExpiresAt *string `json:"expires_at" format:"date-time" extensions:"x-nullable"`
}

// JobProgress says how much of a job is done.
type JobProgress struct {
	// Done is the number of steps done, 0 where that would count records that you may not see.
	Done int64 `json:"done"`
	// Total is the number of steps there are, 0 while that is not known, and where it would count records that you may not see.
	Total int64 `json:"total"`
	// Percent is the share done, 0 to 100; where steps are not counted, 0 until it is done.
	Percent int64 `json:"percent"`
	// Message says what is being done.
	Message string `json:"message"`
}

// JobPage is a page of jobs.
type JobPage struct {
	// Data are the jobs, newest first.
	Data []Job `json:"data"`
	// Page says where the list goes on.
	Page pageInfo `json:"page"`
}

// longestJobWait is how long an answer is held for a job to end.
const longestJobWait = 10 * time.Second

func (s *server) job(ctx context.Context, j jobs.Job) Job {
	out := Job{
		ID: j.ID, URL: s.ledger.Base + "/jobs/" + j.ID, Kind: j.Kind, State: string(j.State), ResultURL: orNull(j.ResultURL), ErrorsURL: orNull(j.ErrorsURL),
		Progress:  JobProgress{Message: j.Message},
		CreatedAt: string(j.CreatedAt), StartedAt: orNull(j.StartedAt), FinishedAt: orNull(j.FinishedAt), ExpiresAt: orNull(j.ExpiresAt),
	}
	if counted(authority.From(ctx), j) {
		out.Progress.Done, out.Progress.Total = j.Done, j.Total
	}
	switch {
	case j.State == jobs.Succeeded:
		out.Progress.Percent = 100
	case out.Progress.Total > 0:
		out.Progress.Percent = min(100*j.Done/j.Total, 100)
	}
	var why jobs.Problem
	if j.Problem != "" && json.Unmarshal([]byte(j.Problem), &why) == nil {
		k := kinds[fault.Code(why.Code)]
		out.Problem = &ProblemDetails{Type: problemType(fault.Code(why.Code)), Title: k.title, Status: k.status, Detail: why.Detail, Instance: "urn:uuid:" + j.ID, Code: why.Code, RequestID: j.ID}
	}
	return out
}

// counted reports whether a caller is told how many steps a job has. Where these are
// records of which some may be hidden from the caller, their number is as hidden.
func counted(a authority.Actor, j jobs.Job) bool {
	switch {
	case a.Clearance() >= authority.Restricted:
		return true
	case j.Kind == retagKind: // it goes through what its owner sees
		return j.OwnerID == a.ID
	}
	return j.Kind != handoverKind && !ledger.GoesThroughAll(j.Kind)
}

// listJobs answers the caller's jobs, or everybody's to those who govern.
//
//	@ID			listJobs
//	@Summary	List jobs
//	@Description	What was asked for and is done beside the requests, newest first: your own jobs; with the role admin or level 7 everybody's.
//	@Tags		Jobs
//	@Param		state	query	string	false	"only those in this state"	Enums(queued,running,succeeded,failed,cancelled)
//	@Param		kind	query	string	false	"only those of this kind"
//	@Param		limit	query	int		false	"jobs on a page"	minimum(1)	maximum(200)
//	@Param		cursor	query	string	false	"the page to read"
//	@Success	200	{object}	JobPage
//	@Router		/jobs [get]
func (s *server) listJobs(c echo.Context) error {
	values, err := params(c, "state", "kind", "limit", "cursor")
	if err != nil {
		return err
	}
	if given := values.Get("state"); given != "" && !slices.Contains(jobs.States, given) {
		f := invalid("state", "state is one of %s.", strings.Join(jobs.States, ", "))
		f.Fields[0].Code, f.Fields[0].Suggestion = "not_in_enum", fault.Nearest(given, jobs.States)
		return f
	}
	q := jobs.Query{State: values.Get("state"), Kind: values.Get("kind")}
	if q.Limit, err = readLimit(values); err != nil {
		return err
	}
	if q.Before, err = readPlace(s.cursorKey, values); err != nil {
		return err
	}
	if a := authority.From(c.Request().Context()); !looksAfterJobs(a) {
		q.Owner = a.ID
	}
	info := pageInfo{Limit: q.Limit}
	q.Limit++
	found, err := s.config.Jobs.List(c.Request().Context(), q)
	if err != nil {
		return err
	}
	if info.HasMore = len(found) > info.Limit; info.HasMore {
		found = found[:info.Limit]
		next := cursor{V: 1, D: "n", S: "-id", K: []any{nil, found[len(found)-1].ID}, F: filterDigest(values)}.sign(s.cursorKey)
		link := s.link(c, values, next)
		info.NextCursor, info.Next = &next, &link
	}
	page := JobPage{Data: make([]Job, 0, len(found)), Page: info}
	for _, j := range found {
		page.Data = append(page.Data, s.job(c.Request().Context(), j))
	}
	return s.send(c, http.StatusOK, page)
}

// looksAfterJobs reports whether somebody sees the jobs of others.
func looksAfterJobs(a authority.Actor) bool {
	return a.Governs() && a.Scopes.Allow("admin", authority.Read)
}

// ownJob reads the job of the path, if it is the caller's to see.
func (s *server) ownJob(c echo.Context) (jobs.Job, error) {
	none := fault.New(fault.NotFound, "There is no such job, or none that you may see.")
	if _, err := uuid.Parse(c.Param("id")); err != nil {
		return jobs.Job{}, none
	}
	ctx := c.Request().Context()
	j, err := s.config.Jobs.Get(ctx, strings.ToLower(c.Param("id")))
	if errors.Is(err, store.ErrNone) {
		return j, none
	}
	if a := authority.From(ctx); err == nil && (j.OwnerType != string(a.Type) || j.OwnerID != a.ID) && !looksAfterJobs(a) {
		return jobs.Job{}, none
	}
	return j, err
}

// getJob answers one job.
//
//	@ID			getJob
//	@Summary	Read a job
//	@Description	How far a job has come. With Prefer: wait=n the answer is held up to n seconds, at most 10, until the job has ended. The job of somebody else is a 404, except for the role admin and level 7.
//	@Tags		Jobs
//	@Param		id		path	string	true	"the job's id"
//	@Param		Prefer	header	string	false	"wait=n, in seconds"
//	@Success	200	{object}	Job
//	@Router		/jobs/{id} [get]
func (s *server) getJob(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	j, err := s.ownJob(c)
	if err != nil {
		return err
	}
	if wait, done := s.patience(c, longestJobWait); wait > 0 {
		j, err = s.config.Jobs.Await(c.Request().Context(), j.ID, wait)
		done()
		if err != nil {
			return err
		}
	}
	if !j.State.Ended() {
		c.Response().Header().Set("Retry-After", "1")
	}
	return s.send(c, http.StatusOK, s.job(c.Request().Context(), j))
}

// cancelJob ends a job.
//
//	@ID			cancelJob
//	@Summary	Cancel a job
//	@Description	A job that waits ends at once, one that is being done ends at its next step; what it has done until then stays. Cancelling twice is no error; a job that has ended otherwise is a 409.
//	@Tags		Jobs
//	@Param		id	path	string	true	"the job's id"
//	@Success	200	{object}	Job
//	@Router		/jobs/{id}/cancel [post]
func (s *server) cancelJob(c echo.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	j, err := s.ownJob(c)
	if err != nil {
		return err
	}
	j, err = s.config.Jobs.Cancel(c.Request().Context(), j.ID)
	if errors.Is(err, jobs.ErrEnded) {
		return fault.New(fault.InvalidTransition, "The job has %s already.", j.State).
			With("current_state", j.State).With("requested", "cancel").With("allowed_transitions", []string{})
	}
	if err != nil {
		return err
	}
	return s.send(c, http.StatusOK, s.job(c.Request().Context(), j))
}

// accepted answers a request that made a job: 202 with what was asked for, or 200
// with it once the job has ended, if the caller waits and it ends in time. The
// body is made by show when it is known how far the job has come.
func (s *server) accepted(c echo.Context, j jobs.Job, show func() (any, error)) error {
	status := http.StatusAccepted
	if wait, done := s.patience(c, longestJobWait); wait > 0 {
		now, err := s.config.Jobs.Await(c.Request().Context(), j.ID, wait)
		done()
		if err != nil {
			return err
		}
		if now.State.Ended() {
			status = http.StatusOK
		}
	}
	body, err := show()
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", s.ledger.Base+"/jobs/"+j.ID)
	if status == http.StatusAccepted {
		c.Response().Header().Set("Retry-After", strconv.Itoa(1))
	}
	return s.send(c, status, body)
}
